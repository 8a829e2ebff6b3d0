import { pipeline, Readable, type Duplex } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { ByteStream } from "../oci/call-options.ts";
import type { Compression } from "../oci/media-types.ts";

const chunkSize = 256 * 1024;

/** The uncompressed bytes of `stream`, of one or several gzip members or zstd frames. Throws what either side throws. */
export function decompress(stream: ByteStream, compression: Compression): ByteStream {
  if (compression === "none") return stream;
  return through(
    stream,
    compression === "gzip" ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize }),
  );
}

/** Passes `stream` through a zlib stream. Leaving the iteration early closes both. */
export async function* through(stream: ByteStream, transform: Duplex): AsyncGenerator<Uint8Array> {
  const source = Readable.from(stream, { objectMode: false, highWaterMark: chunkSize });
  let failed: { error: unknown } | undefined;
  // The transform passes a wrapped error on in some versions; the source's own is the one to tell.
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
