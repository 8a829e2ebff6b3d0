import { hasBlob } from "../content/has-blob.ts";
import { verified, type Expected } from "../content/verify.ts";
import { errorMessage, isCode, SlipwayError } from "../errors.ts";
import { decompress } from "../layer/decompress.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { BlobReader, ContentStore } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseDiffID, type DiffID, type Digest } from "../oci/digest.ts";
import { layerCompression } from "../oci/media-types.ts";
import type { CompressedLayers } from "./compressed-layers.ts";
import type { LayerRecord, LayerStore } from "./layer-store.ts";

/**
 * The uncompressed layer tar of the own files of a committed snapshot, which must be `expected`: the last chunk is held
 * back until that is known, and `data_loss` thrown for another. The same files always give the same bytes.
 */
export type PackSnapshot = (
  snapshot: string,
  expected: Expected,
  options?: CallOptions,
) => AsyncGenerator<Uint8Array>;

/**
 * Uncompressed layers that are not stored as blobs: a build keeps only the snapshot, a pull only the compressed blob.
 * They are made again when somebody reads them, as a stream, and must come out with their digest.
 */
export class LazyLayers {
  readonly #content: ContentStore;
  readonly #layers: LayerStore;
  readonly #compressed: CompressedLayers;
  readonly #pack: PackSnapshot;

  constructor(parts: {
    content: ContentStore;
    layers: LayerStore;
    compressed: CompressedLayers;
    pack: PackSnapshot;
  }) {
    this.#content = parts.content;
    this.#layers = parts.layers;
    this.#compressed = parts.compressed;
    this.#pack = parts.pack;
  }

  async canMake(desc: Descriptor): Promise<boolean> {
    const diffID = lazyDiffID(desc);
    if (diffID === undefined) return false;
    return this.#layers.byDiffID(diffID) !== undefined || (await this.storedBlob(diffID)) !== undefined;
  }

  /** Opens the layer, made from its compressed blob or its snapshot. Throws `notFound` when there is neither. */
  async fetch(
    desc: Descriptor,
    notFound: unknown,
    options?: CallOptions & { offset?: number },
  ): Promise<BlobReader> {
    const diffID = lazyDiffID(desc);
    if (diffID === undefined) throw notFound;
    const blob = await this.storedBlob(diffID);
    if (blob !== undefined) return skip(await this.#decompressed(desc, blob, options), options?.offset ?? 0);
    const layer = this.#layers.byDiffID(diffID);
    if (layer === undefined) throw notFound;
    return skip(this.#packed(desc, layer, options), options?.offset ?? 0);
  }

  /** A compressed blob of the layer that is in the content store. */
  async storedBlob(
    diffID: DiffID,
    wanted: (blob: Descriptor) => boolean = () => true,
  ): Promise<Descriptor | undefined> {
    for (const blob of this.#compressed.blobsOf(diffID)) {
      if (wanted(blob) && (await hasBlob(this.#content, blob.digest))) return blob;
    }
    return undefined;
  }

  /** The blob is about to go: nothing may be made from it any more. */
  forget(digest: Digest): void {
    this.#compressed.delete(digest);
  }

  #packed(desc: Descriptor, layer: LayerRecord, options?: CallOptions): BlobReader {
    const stream = this.#pack(layer.snapshot, desc, { signal: options?.signal });
    return {
      size: desc.size,
      [Symbol.asyncIterator]: () => stream,
      [Symbol.asyncDispose]: async () => void (await stream.return(undefined)),
    };
  }

  async #decompressed(desc: Descriptor, blob: Descriptor, options?: CallOptions): Promise<BlobReader> {
    const source = await this.#content.fetch(blob, { signal: options?.signal });
    const stream = verified(named(blob, decompress(source)), desc);
    return {
      size: desc.size,
      [Symbol.asyncIterator]: () => stream,
      [Symbol.asyncDispose]: async () => {
        await stream.return(undefined);
        await source[Symbol.asyncDispose]();
      },
    };
  }
}

function lazyDiffID(desc: Descriptor): DiffID | undefined {
  if (layerCompression(desc.mediaType) !== "none" || !desc.digest.startsWith("sha256:")) return undefined;
  return parseDiffID(desc.digest);
}

/** What cannot be decompressed was recorded as good once: now it is lost data. */
async function* named(blob: Descriptor, stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    if (isCode(error, "cancelled") || isCode(error, "data_loss")) throw error;
    const what = `Blob "${blob.digest}" cannot be decompressed: ${errorMessage(error)}`;
    throw new SlipwayError("data_loss", what, { cause: error });
  }
}

/** The same blob from `offset` on. */
function skip(reader: BlobReader, offset: number): BlobReader {
  if (offset === 0) return reader;
  const rest = async function* (): AsyncGenerator<Uint8Array> {
    let at = 0;
    for await (const chunk of reader) {
      const from = Math.max(0, offset - at);
      at += chunk.length;
      if (from < chunk.length) yield chunk.subarray(from);
    }
  };
  return {
    size: reader.size,
    [Symbol.asyncIterator]: rest,
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}
