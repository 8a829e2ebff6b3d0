import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { copy } from "../../src/image/copy.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage } from "../../src/image/testing/random-image.ts";
import { validateImage } from "../../src/image/testing/validate-image.ts";
import { FilesystemDriver } from "../../src/registry/server/filesystem-driver.ts";
import { serveRegistry } from "../../src/registry/server/serve-registry.ts";
import { collectGarbage } from "../../src/registry/server/upkeep/collect.ts";
import { chunks, randomBlob, repositoryAt } from "./blobs.ts";

test("pushes, deletes and collections at the same time lose nothing", async () => {
  const root = await mkdtemp(join(tmpdir(), "registry-"));
  const server = await serveRegistry({ listen: "127.0.0.1:0", root });
  try {
    const host = `127.0.0.1:${server.port}`;
    const source = new MemoryTarget();
    const images = await Promise.all(
      Array.from({ length: 4 }, async () => await randomImage(source.content, { layers: 3, size: 20_000 })),
    );
    const storage = new FilesystemDriver(root);
    let collected = 0;
    const ended = new AbortController();
    const loose = randomBlob(1000);
    await repositoryAt(host, "team/app0").push(loose.descriptor, chunks(loose.bytes));
    let pushDone = Promise.withResolvers<void>();
    // No grace at all: what nothing names when it is looked at, goes. Between two runs one push gets through, however
    // slow the disk is; the other three are somewhere in their middle.
    const collector = (async () => {
      while (!ended.signal.aborted) {
        await pushDone.promise;
        pushDone = Promise.withResolvers();
        await Bun.sleep(Math.random() * 20);
        const rules = [{ repositories: "**", untaggedAfterMs: -60_000 }];
        const report = await collectGarbage(storage, { graceMs: -60_000, rules });
        expect(report.problems).toEqual([]);
        collected += report.blobs.length + report.links.length + report.manifests.length;
      }
    })();
    const pushed = new Set<string>();
    const push = async (worker: number) => {
      for (let round = 0; round < 8; round += 1) {
        const image = images[(worker + round) % images.length];
        const name = `team/app${worker % 2}`;
        const tag = `w${worker}-${round}`;
        // A push that comes too close is refused and tried again; one that was taken stays whole.
        for (let done = false; !done;) {
          done = await copy(source, image!.descriptor, repositoryAt(host, name), tag).then(
            () => true,
            () => false,
          );
        }
        pushed.add(`${name}:${tag}`);
        pushDone.resolve();
        if (round % 3 === 0) {
          await repositoryAt(host, name).delete(tag);
          pushed.delete(`${name}:${tag}`);
        }
      }
    };
    await Promise.all([0, 1, 2, 3].map(push));
    ended.abort();
    pushDone.resolve();
    await collector;
    expect(collected).toBeGreaterThan(0);
    for (const image of pushed) {
      const [name = "", tag = ""] = image.split(":");
      expect(await validateImage(repositoryAt(host, name), tag)).toBeGreaterThan(0);
    }
  } finally {
    await server[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  }
}, 120_000);
