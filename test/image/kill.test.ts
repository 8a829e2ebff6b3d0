import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadArchive } from "../../src/image/archive/load-archive.ts";
import { saveArchive } from "../../src/image/archive/save-archive.ts";
import { checkStore } from "../../src/image/check-store.ts";
import { copyAndUnpack } from "../../src/image/copy-and-unpack.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage } from "../../src/image/testing/random-image.ts";
import { validateImage } from "../../src/image/testing/validate-image.ts";
import { openRoot } from "./open-root.ts";

const kills = 20;

async function tempDirectory(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "slipway-kill-"));
  const end = async (): Promise<void> => await rm(path, { recursive: true, force: true });
  return { path, [Symbol.asyncDispose]: end };
}

test(`a root is whole after kill -9 at ${kills} random moments of loading, unpacking and collecting`, async () => {
  await using temp = await tempDirectory();
  const root = join(temp.path, "root");
  const archive = join(temp.path, "image.tar");
  await mkdir(root);
  const src = new MemoryTarget();
  const image = await randomImage(src.content, { layers: 4, size: 3_000_000 });
  await writeFile(archive, saveArchive(src, [{ descriptor: image.descriptor, references: ["app:1"] }]));
  for (let round = 0; round < kills; round += 1) {
    await loadUntilKilled(root, archive, (randomBytes(1)[0] ?? 0) * 2);
    await using t = await openRoot(root);
    expect(await Array.fromAsync(checkStore(t))).toEqual([]);
  }
  await using t = await openRoot(root);
  const [loaded] = await loadArchive(createReadStream(archive), t);
  expect(loaded?.id).toBe(image.id);
  using lease = t.leases.create("test");
  await copyAndUnpack(t.images, "app:1", t, "app:2", { lease });
  expect(await validateImage(t.images, "app:2")).toBe(6);
  expect(await Array.fromAsync(t.content.list())).toHaveLength(6);
  expect(await Array.fromAsync(t.snapshotter.list())).toHaveLength(4);
  await t.snapshotter.settled();
  expect(await readdir(join(root, "snapshots"))).toHaveLength(4);
  expect(await readdir(join(root, "content/ingest"))).toEqual([]);
}, 120_000);

async function loadUntilKilled(root: string, archive: string, afterMs: number): Promise<void> {
  const program = join(import.meta.dir, "load-loop.ts");
  const child = spawn(process.execPath, [program, root, archive], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  try {
    await once(child.stdout, "data");
    await sleep(afterMs);
  } finally {
    child.kill("SIGKILL");
  }
  const [code, signal] = (await exit) as [number | null, string | null];
  expect([code, signal]).toEqual([null, "SIGKILL"]);
}
