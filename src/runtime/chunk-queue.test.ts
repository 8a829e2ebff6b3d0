import { expect, test } from "bun:test";
import { ChunkQueue } from "./chunk-queue.ts";

const chunk = (size: number) => ({ stream: "stdout" as const, data: new Uint8Array(size) });

test("ChunkQueue pauses its source for a slow reader and resumes it", async () => {
  const queue = new ChunkQueue();
  const told: string[] = [];
  queue.connect({ pause: () => void told.push("pause"), resume: () => void told.push("resume") });
  queue.push(chunk(1 << 20));
  expect(told).toEqual([]);
  queue.push(chunk(1));
  queue.push(chunk(1));
  expect(told).toEqual(["pause"]);
  const output = queue.output();
  for (let read = 0; read < 3; read += 1) await output.next();
  const last = output.next();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(told).toEqual(["pause", "resume"]);
  queue.close();
  expect((await last).done).toBe(true);
});

test("ChunkQueue.close() lets the reader have what is held; discard() does not", async () => {
  const kept = new ChunkQueue();
  kept.push(chunk(3));
  kept.close();
  expect(await Array.fromAsync(kept.output())).toHaveLength(1);
  const dropped = new ChunkQueue();
  dropped.push(chunk(3));
  dropped.discard();
  dropped.push(chunk(3));
  expect(await Array.fromAsync(dropped.output())).toEqual([]);
});
