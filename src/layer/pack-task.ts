import { createHash } from "node:crypto";
import { Readable, type Transform } from "node:stream";
import { constants, createGzip, createZstdCompress } from "node:zlib";
import type { Compression } from "../oci/media-types.ts";
import type { TaskIo } from "../platform/worker-serve.ts";
import type { PackRequest, PackResult } from "./layer-tasks.ts";
import { TreePacker } from "./tree-packer.ts";

const CHUNK = 1 << 18;
const BREATH = 64;
/** Of pieces that are small, most of them, or {@link CHUNK} at most. */
const HASHED_BREATH = 512;

/** Runs on a worker: packs a tree, hashes the tar, and sends it off compressed, unless only the hash is wanted. */
export async function packTask(request: PackRequest, io: TaskIo): Promise<PackResult> {
  const hash = createHash("sha256");
  const packer = new TreePacker(request.xattrs);
  let size = 0;
  let count = 0;
  function* pieces(): Generator<Uint8Array, void, void> {
    for (const piece of packer.pack(request.directories, request.below)) {
      hash.update(piece);
      size += piece.length;
      count += 1;
      yield piece;
    }
  }
  async function* tar(): AsyncGenerator<Uint8Array, void, void> {
    let chunks = 0;
    for (const chunk of gathered(pieces())) {
      chunks += 1;
      if (chunks % BREATH === 0) await io.breathe();
      yield chunk;
    }
  }
  if (request.isHashOnly) {
    for (const _ of pieces()) if (count % HASHED_BREATH === 0) await io.breathe();
  } else {
    for await (const chunk of compressed(tar(), request.compression)) await io.write(chunk);
  }
  return { diffID: hash.digest("hex"), size, contentBytes: packer.contentBytes };
}

/** Small pieces gathered into chunks with buffers of their own. */
export function* gathered(pieces: Iterable<Uint8Array>): Generator<Uint8Array, void, void> {
  let chunk = new Uint8Array(CHUNK);
  let used = 0;
  for (let piece of pieces) {
    while (piece.length > 0) {
      const part = piece.subarray(0, CHUNK - used);
      chunk.set(part, used);
      used += part.length;
      piece = piece.subarray(part.length);
      if (used < CHUNK) continue;
      yield chunk;
      chunk = new Uint8Array(CHUNK);
      used = 0;
    }
  }
  if (used > 0) yield chunk.slice(0, used);
}

/** The same input always gives the same bytes: one thread, fixed levels, no time in the gzip header. */
async function* compressed(
  tar: AsyncGenerator<Uint8Array, void, void>,
  compression: Compression,
): AsyncGenerator<Uint8Array, void, void> {
  if (compression === "none") {
    yield* tar;
    return;
  }
  const transform = compression === "gzip" ? createGzip({ level: 6, chunkSize: CHUNK }) : zstd();
  const source = Readable.from(tar, { objectMode: true, highWaterMark: 2 });
  source.on("error", (error) => transform.destroy(error));
  source.pipe(transform);
  // The stream's chunks are windows on one buffer, and what is sent gives its buffer away.
  for await (const chunk of transform) yield new Uint8Array(chunk as Uint8Array);
}

function zstd(): Transform {
  return createZstdCompress({ chunkSize: CHUNK, params: { [constants.ZSTD_c_compressionLevel]: 3 } });
}
