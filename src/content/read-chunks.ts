import type { FileHandle } from "node:fs/promises";

const chunkSize = 1024 * 1024;

/** The bytes of an open file from `from` up to `to`, or to its end if that comes first, a fresh buffer each. Does not close it. */
export async function* readChunks(
  file: FileHandle,
  from: number,
  to: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to;) {
    signal?.throwIfAborted();
    // Most blobs are small documents: a megabyte for each would be a lot of garbage.
    const wanted = Math.min(chunkSize, to - at);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
