/** The worker that lists layers and adds up what lies on the disk (one of `workerEntrypoints`). */
import { createHash } from "node:crypto";
import { decompress } from "../../layer/decompress.ts";
import { TarParser } from "../../layer/tar/tar-parser.ts";
import { serveTasks, type TaskIo } from "../../platform/worker-serve.ts";
import { diskUsage } from "./disk-usage.ts";
import { hashFiles } from "./hash-files.ts";
import { listDirectory } from "./list-directory.ts";
import { TarListing } from "./list-tar.ts";
import type { ListRequest, ListResult, TarRequest } from "./listing-tasks.ts";

const BREATH = 256;

serveTasks<ListRequest>(async (request, io) => {
  if (request.op === "tar") return await listTar(request, io);
  if (request.op === "usage") return await finish(diskUsage(request.directory, request.depths), io);
  const { directories } = request;
  if (request.op === "hash") return await gather(hashFiles(directories, request.paths), io);
  return { entries: await gather(listDirectory(directories, request.xattrs), io) } satisfies ListResult;
});

async function gather<T>(items: Iterable<T>, io: TaskIo): Promise<T[]> {
  const found: T[] = [];
  for (const item of items) if (found.push(item) % BREATH === 0) await io.breathe();
  return found;
}

async function finish<T>(steps: Generator<undefined, T, void>, io: TaskIo): Promise<T> {
  for (let count = 1; ; count += 1) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (count % BREATH === 0) await io.breathe();
  }
}

async function listTar(request: TarRequest, io: TaskIo): Promise<ListResult> {
  const hash = createHash("sha256");
  const parser = new TarParser();
  const listing = new TarListing(request.maxSize);
  for await (const chunk of decompress(io.input)) {
    hash.update(chunk);
    for (const event of parser.push(chunk)) listing.handle(event);
  }
  for (const event of parser.end()) listing.handle(event);
  return { entries: listing.entries(), diffID: hash.digest("hex") };
}
