import type { ByteStream } from "../../oci/call-options.ts";

/**
 * The archive as the name of its file promises: gzip for `.gz` and `.tgz`, zstd for `.zst` and `.tzst`, else as it is.
 * The same archive gives the same bytes on every machine.
 */
export async function compressArchive(archive: ByteStream, path: string): Promise<ByteStream> {
  if (/\.(gz|tgz)$/i.test(path)) {
    const { ParallelGzip } = await import("../../internal/parallel-gzip.ts");
    return new ParallelGzip().compress(archive);
  }
  if (/\.(zst|tzst)$/i.test(path)) {
    const [{ createZstdCompress }, { through }] = await Promise.all([
      import("node:zlib"),
      import("../../image/through.ts"),
    ]);
    return through(archive, createZstdCompress());
  }
  return archive;
}
