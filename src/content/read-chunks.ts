import type { FileHandle } from "node:fs/promises";

const chunkSize = 1024 * 1024;

/** The bytes of an open file from `offset` to its end, a fresh buffer each. Does not close the file. */
export async function* readChunks(
  file: FileHandle,
  offset: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let at = offset;
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkSize), 0, chunkSize, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
