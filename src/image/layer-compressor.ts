import { createZstdCompress } from "node:zlib";
import { ParallelGzip } from "../internal/parallel-gzip.ts";
import type { ByteStream } from "../oci/call-options.ts";
import { through } from "./through.ts";

/** How a layer was compressed here: the same tar by the same recipe is the same blob, bit for bit. */
export interface Recipe {
  readonly compression: "gzip" | "zstd";
  /** How exactly, and by which program: another one may give other bytes. */
  readonly version: string;
}

/** What {@link LayerCompressor} does now. */
export function currentRecipe(compression: "gzip" | "zstd"): Recipe {
  const { bun, node } = process.versions as { bun?: string; node: string };
  const how = compression === "gzip" ? ParallelGzip.recipe : "one frame";
  return { compression, version: `${how}, ${bun ?? node}` };
}

/** Compresses layer tars. Its threads end by themselves when they are not used. */
export class LayerCompressor {
  readonly #gzip = new ParallelGzip();

  compress(stream: ByteStream, compression: "gzip" | "zstd"): ByteStream {
    if (compression === "gzip") return this.#gzip.compress(stream);
    return through(stream, createZstdCompress({ chunkSize: 256 * 1024 }));
  }
}
