/**
 * gzip by libdeflate: for a given size of output it takes about half of zlib's time, and it works on whole buffers. On
 * Node, `zlib.gzipSync` stands in.
 */
export function gzip(bytes: Uint8Array, level: GzipLevel): Uint8Array {
  return Bun.gzipSync(bytes as Uint8Array<ArrayBuffer>, { level, library: "libdeflate" });
}

export type GzipLevel = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** What `gzip-worker.ts` is asked; it answers with one chunk of output. */
export interface GzipRequest {
  readonly bytes: Uint8Array;
  readonly level: GzipLevel;
}
