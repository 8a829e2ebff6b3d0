import type { ByteStream } from "../oci/call-options.ts";
import { decompress } from "./decompress.ts";
import { findPath } from "./path-stat.ts";
import { TarParser } from "./tar/tar-parser.ts";
import type { ExtractRequest } from "./tree-tasks.ts";
import { Unpacker } from "./unpacker.ts";

/**
 * Runs on a worker: unpacks the archive `input` into a directory of a tree in use. What was unpacked before an error
 * stays, as with tar(1). Throws `not_found` and `invalid_argument` for the path, as the unpacker for the archive.
 */
export async function extractTask(request: ExtractRequest, input: ByteStream): Promise<void> {
  const { root, keepsKinds, owner } = request;
  const target = { path: directoryPath(root, request.path), keepsKinds, owner };
  const parser = new TarParser();
  using unpacker = new Unpacker(root, { xattrs: "trusted", isPlain: true, target });
  for await (const chunk of decompress(input)) {
    for (const event of parser.push(chunk)) unpacker.handle(event);
  }
  for (const event of parser.end()) unpacker.handle(event);
  unpacker.finish();
}

/** The place of the directory `path` in the tree, all links resolved, without leading slash. */
function directoryPath(root: string, path: string): string {
  using found = findPath(root, `${path}/`);
  return found.path.slice(1);
}
