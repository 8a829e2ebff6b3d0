import { expect, test } from "bun:test";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { decompress, detectCompression } from "./decompress.ts";

async function* chunked(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function text(bytes: Uint8Array, size = 1 << 18): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of decompress(chunked(bytes, size))) parts.push(Uint8Array.from(chunk));
  return Buffer.concat(parts).toString();
}

const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7]);
const streams: [string, Uint8Array][] = [
  ["gzip", gzipSync("hello world")],
  ["gzip of several members", Buffer.concat([gzipSync("hello "), gzipSync(""), gzipSync("world")])],
  ["gzip with zeros after it", Buffer.concat([gzipSync("hello world"), Buffer.alloc(700)])],
  ["zstd", zstdCompressSync("hello world")],
  ["zstd of several frames", Buffer.concat([zstdCompressSync("hello "), zstdCompressSync("world")])],
  ["zstd with skippable frames", Buffer.concat([skippable, zstdCompressSync("hello world"), skippable])],
  [
    "zstd with a checksum",
    zstdCompressSync("hello world", { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  ],
  ["what is not compressed", Buffer.from("hello world")],
];

for (const [what, bytes] of streams) {
  test(`decompress() reads ${what}, however it is cut`, async () => {
    for (const size of [1 << 18, 1, 3]) expect(await text(bytes, size)).toBe("hello world");
  });
}

test("decompress() refuses what ends early or is broken", async () => {
  const gzip = gzipSync("hello world");
  const broken = Uint8Array.from(gzip);
  broken[12] = 0xff;
  const zstd = zstdCompressSync("hello world");
  const cases = [gzip.subarray(0, gzip.length - 3), broken, Buffer.concat([gzip, Buffer.from("more")])];
  cases.push(zstd.subarray(0, zstd.length - 3), Buffer.concat([zstd, Buffer.from("more")]));
  for (const bytes of cases) {
    await expect(text(bytes)).rejects.toMatchObject({ code: "invalid_argument" });
  }
});

test("decompress() passes the input's own failure on", async () => {
  async function* failing() {
    yield gzipSync("hello world").subarray(0, 12);
    throw new Error("connection lost");
  }
  const reading = (async () => {
    for await (const _chunk of decompress(failing()));
  })();
  await expect(reading).rejects.toThrow("connection lost");
});

test("detectCompression() looks at the bytes", () => {
  expect(detectCompression(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))).toBe("zstd");
  expect(detectCompression(Buffer.from([0x1f, 0x8b, 8, 0]))).toBe("gzip");
  expect(detectCompression(Buffer.alloc(0))).toBe("none");
});
