import { pipeline, Readable, type Duplex } from "node:stream";
import type { ByteStream } from "../oci/call-options.ts";

/** Passes `stream` through a zlib stream. Leaving the iteration early closes both; the source's error passes unchanged. */
export async function* through(stream: ByteStream, transform: Duplex): AsyncGenerator<Uint8Array> {
  const source = Readable.from(stream, { objectMode: true, highWaterMark: 2 });
  let failed: { error: unknown } | undefined;
  source.on("error", (error) => (failed ??= { error }));
  pipeline(source, transform, () => {});
  try {
    for await (const chunk of transform) yield chunk as Uint8Array;
  } catch (error) {
    throw failed?.error ?? error;
  } finally {
    source.destroy();
    transform.destroy();
  }
}
