import { expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { ParallelGzip } from "./parallel-gzip.ts";

async function pack(data: Uint8Array, step: number, width: number): Promise<Buffer> {
  const stream = async function* () {
    for (let at = 0; at < data.length; at += step) yield data.subarray(at, at + step);
  };
  await using gzip = new ParallelGzip(width);
  return Buffer.concat(await Array.fromAsync(gzip.compress(stream())));
}

test("ParallelGzip.compress() gives the same bytes whatever the chunks and the width", async () => {
  const data = Buffer.concat([randomBytes(1_500_000), Buffer.alloc(2_000_000, "slipway")]);
  const outputs = [await pack(data, 70_000, 1), await pack(data, 4_000_000, 3), await pack(data, 999_999, 8)];
  expect(new Set(outputs.map((out) => createHash("sha256").update(out).digest("hex"))).size).toBe(1);
  for (const out of outputs) expect(gunzipSync(out).equals(data)).toBe(true);
});

test("ParallelGzip.compress() of nothing is one empty member", async () => {
  expect(gunzipSync(await pack(new Uint8Array(), 1, 2))).toHaveLength(0);
});

test("ParallelGzip.compress() passes the stream's failure on", async () => {
  const broken = async function* () {
    yield new Uint8Array(3_000_000);
    throw new Error("cut off");
  };
  await using gzip = new ParallelGzip(2);
  await expect(Array.fromAsync(gzip.compress(broken()))).rejects.toThrow("cut off");
});
