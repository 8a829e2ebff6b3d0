import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalRegistry } from "../registry/local-registry.ts";
import { busyboxBase, Lab, run } from "./lab.ts";

const diskSize = 24 << 20;
const step = 240 << 10;
const steps = 24;

let registry: LocalRegistry;
let image = "";
let archive = "";
let disk = "";
let lab: Lab;

beforeAll(async () => {
  registry = await LocalRegistry.open();
  image = `${registry.host}/app:1`;
  disk = mkdtempSync(join(tmpdir(), "slipway-sweep-"));
  await run(["mount", "-t", "tmpfs", "-o", `size=${diskSize}`, "tmpfs", disk]);
  lab = await Lab.open({ root: join(disk, "root") });
  archive = lab.path("app.tar");
  await lab.build(image, `${busyboxBase}COPY a /a\nCOPY b /b\nCMD ["/bin/cat", "/a"]\n`, {
    a: "works",
    b: 300_000,
  });
  await lab.ok("push", "-q", image);
  await lab.ok("save", "-o", archive, image);
}, 60_000);

afterAll(async () => {
  try {
    await registry[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  } finally {
    await run(["umount", disk]);
    rmSync(disk, { recursive: true });
  }
}, 60_000);

async function empty(): Promise<void> {
  await lab.engine.images.remove(image, { force: true }).catch(() => undefined);
  await lab.engine.builds.prune({ all: true });
  await lab.engine.images.prune({ filters: { dangling: ["false"] } });
}

/** Leaves `bytes` free while `work` runs. */
async function withFree<T>(bytes: number, work: () => Promise<T>): Promise<T> {
  const filler = join(disk, "filler");
  const { bfree, bsize } = statfsSync(disk);
  await run(["fallocate", "-l", String(Math.max(4096, bfree * bsize - bytes)), filler]);
  try {
    return await work();
  } finally {
    rmSync(filler, { force: true });
  }
}

for (const words of [() => ["pull", "-q", image], () => ["load", "-q", "-i", archive]]) {
  test(`${words()[0]} survives a disk that is full at any of ${steps} moments`, async () => {
    const ended = new Set<boolean>();
    for (let at = 0; at < steps; at += 1) {
      await empty();
      const { code, stderr } = await withFree(at * step, () => lab.slipway(...words()));
      ended.add(code === 0);
      if (code !== 0) expect(stderr).toContain("no space left on device");
      expect((await lab.engine.store.check()).Problems).toEqual([]);
      const isThere = await lab.engine.images.inspect(image).then(
        () => true,
        () => false,
      );
      expect(isThere).toBe(code === 0);
    }
    expect([...ended].sort()).toEqual([false, true]);
    await lab.ok(...words());
    expect(await lab.ok("run", "--rm", image)).toContain("works");
  }, 120_000);
}
