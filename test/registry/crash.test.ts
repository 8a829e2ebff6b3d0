import { readdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import type { ByteStream } from "../../src/oci/call-options.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { chunks, collect, randomBlob, reader, repositoryAt } from "./blobs.ts";

async function startServer(listen: string, root: string) {
  const server = Bun.spawn([process.execPath, join(import.meta.dir, "serve-process.ts"), listen, root], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await server.stdout.getReader().read();
  const { host } = new URL(new TextDecoder().decode(value).trim());
  return { server, host };
}

test("a push goes on when the registry is killed with -9 in its middle and started again", async () => {
  const root = await mkdtemp(join(tmpdir(), "registry-"));
  let { server, host } = await startServer("127.0.0.1:0", root);
  let restarted: Promise<void> | undefined;
  try {
    const { bytes, descriptor } = randomBlob(20_000_000);
    const restart = async () => {
      await Bun.sleep(200); // The client finds the door shut first.
      ({ server } = await startServer(host, root));
    };
    async function* killing(): ByteStream {
      let sent = 0;
      for await (const chunk of chunks(bytes)) {
        yield chunk;
        sent += chunk.length;
        if (restarted !== undefined || sent < 10_000_000) continue;
        server.kill("SIGKILL");
        await server.exited;
        restarted = restart();
      }
    }
    const repository = repositoryAt(host, "a", { retry: { attempts: 12, baseMs: 50 } });
    await repository.push(descriptor, killing(), { again: async (offset) => reader(bytes, offset) });
    expect(restarted).toBeDefined();
    expect((await collect(await repository.fetch(descriptor))).equals(bytes)).toBe(true);
  } finally {
    await restarted;
    server.kill("SIGKILL");
    await rm(root, { recursive: true, force: true });
  }
});

test("kill -9 at random moments of pushes never leaves a wrong blob or a dangling tag", async () => {
  const root = await mkdtemp(join(tmpdir(), "registry-"));
  let { server, host } = await startServer("127.0.0.1:0", root);
  try {
    for (let round = 0; round < 6; round += 1) {
      const work = pushSome(host, round);
      await Bun.sleep(Math.random() * 60);
      server.kill("SIGKILL");
      await server.exited;
      await work;
      ({ server } = await startServer(host, root));
      await checkAll(host, root);
    }
  } finally {
    server.kill("SIGKILL");
    await rm(root, { recursive: true, force: true });
  }
});

async function pushSome(host: string, round: number): Promise<void> {
  const repository = repositoryAt(host, "a", { retry: { attempts: 1 } });
  for (let n = 0; n < 8; n += 1) {
    const layer = randomBlob(500_000);
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, config: layer.descriptor, layers: [layer.descriptor] }),
    );
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const manifest = { mediaType, digest: digestOf(bytes), size: bytes.length };
    try {
      await repository.push(layer.descriptor, chunks(layer.bytes));
      await repository.push(manifest, chunks(bytes));
      await repository.tag(manifest, `v${round}-${n}`);
    } catch {
      return;
    }
  }
}

/** Every tag resolves to an image that is whole, and every stored blob is what its name says. */
async function checkAll(host: string, root: string): Promise<void> {
  const repository = repositoryAt(host, "a");
  const tags = await repository.tags().catch(() => []);
  for (const tag of tags) {
    const manifest = JSON.parse(
      (await collect(await repository.fetch(await repository.resolve(tag)))).toString(),
    );
    await collect(await repository.fetch(manifest.layers[0]));
  }
  const shards = await readdir(join(root, "blobs/sha256")).catch(() => []);
  for (const shard of shards) {
    for (const hex of await readdir(join(root, "blobs/sha256", shard))) {
      const bytes = await Bun.file(join(root, "blobs/sha256", shard, hex)).bytes();
      expect(digestOf(bytes)).toBe(`sha256:${hex}` as never);
    }
  }
}
