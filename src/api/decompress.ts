import { Readable, pipeline } from "node:stream";
import { SlipwayError } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";

const magics: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/**
 * The bytes of a tar that may have come compressed, told by its first bytes: gzip and zstd are unpacked as they
 * stream, bzip2 and xz are `not_implemented`. Throws `invalid_argument` for damaged data.
 */
export async function* decompressed(source: ByteStream): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await firstBytes(chunks, 6);
  const format = magics.find(([, bytes]) => bytes.every((byte, index) => first[index] === byte))?.[0];
  const whole = prepend(first, chunks);
  if (format === undefined) return yield* whole;
  if (format !== "gzip" && format !== "zstd") {
    throw new SlipwayError("not_implemented", `Archives compressed with ${format} are not supported yet`);
  }
  yield* unpack(whole, format);
}

async function* unpack(
  source: AsyncIterable<Uint8Array>,
  format: "gzip" | "zstd",
): AsyncGenerator<Uint8Array> {
  const zlib = await import("node:zlib");
  const codec = format === "gzip" ? zlib.createGunzip() : zlib.createZstdDecompress();
  // The callback is what keeps a failure of the source from being thrown where nobody catches it.
  pipeline(Readable.from(source, { objectMode: false }), codec, () => {});
  try {
    for await (const chunk of codec) yield chunk as Uint8Array;
  } catch (cause) {
    if (cause instanceof SlipwayError) throw cause;
    throw new SlipwayError("invalid_argument", `Cannot unpack the ${format} archive: the data is damaged`, {
      cause,
    });
  }
}

async function firstBytes(chunks: AsyncIterator<Uint8Array>, count: number): Promise<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  while (held.length < count) {
    const step = await chunks.next();
    if (step.done === true) break;
    held = Buffer.concat([held, step.value]);
  }
  return held;
}

async function* prepend(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  for (let step = await rest.next(); step.done !== true; step = await rest.next()) yield step.value;
}
