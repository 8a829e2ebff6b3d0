import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { serveRegistry } from "../../src/registry/server/serve-registry.ts";
import { chunks, collect, randomBlob, repositoryAt } from "./blobs.ts";

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)(
  "a full disk refuses a push in words, leaves nothing of it, and goes on serving",
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "registry-"));
    const mounted = await Bun.spawn(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", directory]).exited;
    try {
      expect(mounted).toBe(0);
      await using server = await serveRegistry({ listen: "127.0.0.1:0", root: join(directory, "root") });
      const repository = repositoryAt(`127.0.0.1:${server.port}`, "a");
      const [small, large] = [randomBlob(1_000_000), randomBlob(20_000_000)];
      await repository.push(small.descriptor, chunks(small.bytes));
      const push = repository.push(large.descriptor, chunks(large.bytes));
      await expect(push).rejects.toThrow("no space left on the registry");
      expect((await collect(await repository.fetch(small.descriptor))).equals(Buffer.from(small.bytes))).toBe(
        true,
      );
      const again = randomBlob(5_000_000);
      await repository.push(again.descriptor, chunks(again.bytes));
      expect(await repository.exists(again.descriptor)).toBe(true);
    } finally {
      await Bun.spawn(["umount", directory]).exited;
      await rm(directory, { recursive: true });
    }
  },
);
