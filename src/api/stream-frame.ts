import type { OutputChunk } from "../runtime/runtime.ts";

/** Media types of a container's output (Engine API, "Attach to a container", stream format). */
export const RAW_STREAM = "application/vnd.docker.raw-stream";
export const MULTIPLEXED_STREAM = "application/vnd.docker.multiplexed-stream";

/** The media type for output of a container: multiplexed when it has no terminal, where the client knows the word. */
export function streamType(tty: boolean, apiVersion: number): string {
  return !tty && apiVersion >= 42 ? MULTIPLEXED_STREAM : RAW_STREAM;
}

/** Bytes of a chunk on the wire: as they are when `raw` (a terminal), else after the 8-byte header [stream, 0, 0, 0, length]. */
export function frameChunk(chunk: OutputChunk, raw: boolean): Uint8Array {
  if (raw) return chunk.data;
  const frame = Buffer.allocUnsafe(8 + chunk.data.length);
  frame.writeUInt32BE(chunk.stream === "stderr" ? 0x02000000 : 0x01000000, 0);
  frame.writeUInt32BE(chunk.data.length, 4);
  frame.set(chunk.data, 8);
  return frame;
}

/** A whole output as bytes on the wire. */
export async function* frameOutput(
  output: AsyncIterable<OutputChunk>,
  tty: boolean,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of output) yield frameChunk(chunk, tty);
}
