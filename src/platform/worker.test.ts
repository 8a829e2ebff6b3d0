import { afterEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkerPool } from "./worker.ts";

const base = mkdtempSync(join(tmpdir(), "worker-"));
const cleanups: (() => unknown)[] = [() => rmSync(base, { recursive: true, force: true })];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function pool(): WorkerPool {
  mkdirSync(base, { recursive: true });
  const made = new WorkerPool("src/layer/layer-worker.ts");
  cleanups.push(
    () => made[Symbol.asyncDispose](),
    () => rmSync(base, { recursive: true, force: true }),
  );
  return made;
}

const pack = (directory: string) => ({
  op: "pack",
  directories: [directory],
  xattrs: "trusted",
  compression: "none",
  isHashOnly: false,
});

const unpack = {
  op: "unpack",
  directory: base,
  xattrs: "trusted",
  algorithm: "sha256",
  digest: "",
  size: 9,
  maxSize: 9,
};

test("WorkerPool.run() waits for a slow reader of its output", async () => {
  const workers = pool();
  writeFileSync(join(base, "large"), Buffer.alloc(12 << 20));
  let [size, most, open] = [0, 0, 0];
  const onOutput = async (chunk: Uint8Array) => {
    open += 1;
    most = Math.max(most, open);
    await Bun.sleep(1);
    size += chunk.length;
    open -= 1;
  };
  const result = await workers.run<{ size: number }>(pack(base), { onOutput });
  expect(size).toBe(result.size);
  expect(most).toBe(1);
});

test("WorkerPool.run() rejects with what stopped it: task, input, output or signal", async () => {
  const workers = pool();
  await expect(workers.run(pack("/does/not/exist"))).rejects.toMatchObject({ cause: { code: "ENOENT" } });
  async function* input() {
    yield new Uint8Array(3);
    throw new Error("input broke");
  }
  await expect(workers.run(unpack, { input: input() })).rejects.toThrow("input broke");
  writeFileSync(join(base, "large"), Buffer.alloc(4 << 20));
  const onOutput = () => {
    throw new Error("output broke");
  };
  await expect(workers.run(pack(base), { onOutput })).rejects.toThrow("output broke");
  const controller = new AbortController();
  async function* endless() {
    yield new Uint8Array(1);
    controller.abort(new Error("enough"));
    await Bun.sleep(5);
    yield new Uint8Array(1);
  }
  const running = workers.run(unpack, { input: endless(), signal: controller.signal });
  await expect(running).rejects.toThrow("enough");
  expect(await workers.run<{ size: number }>(pack(base))).toMatchObject({ size: expect.any(Number) });
});

test("WorkerPool rejects what still runs when it is disposed", async () => {
  const workers = pool();
  async function* never() {
    await Bun.sleep(50);
    yield new Uint8Array(1);
  }
  const running = workers.run(unpack, { input: never() });
  const outcome = running.catch((error: unknown) => error);
  await workers[Symbol.asyncDispose]();
  expect(await outcome).toMatchObject({ code: "cancelled" });
});
