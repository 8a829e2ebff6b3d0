import { hasBlob } from "../content/has-blob.ts";
import { verified, type Expected } from "../content/verify.ts";
import { errorMessage, isCode, SlipwayError } from "../errors.ts";
import { decompress } from "../layer/decompress.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { BlobReader, ContentStore } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseDiffID, type DiffID, type Digest } from "../oci/digest.ts";
import { layerCompression } from "../oci/media-types.ts";
import type { CompressedLayer, CompressedLayers, HadAgain } from "./compressed-layers.ts";
import { LayerCompressor, type Recipe } from "./layer-compressor.ts";
import type { LayerRecord, LayerStore } from "./layer-store.ts";

/**
 * The uncompressed layer tar of the own files of a committed snapshot, which must be `expected`: the last chunk is held
 * back until that is known, and `data_loss` thrown for another. The same files always give the same bytes. Rejects with
 * `data_loss` when the files are gone.
 */
export type PackSnapshot = (
  snapshot: string,
  expected: Expected,
  options?: CallOptions,
) => Promise<AsyncGenerator<Uint8Array>>;

/** Asks where a blob came from. Undefined when nobody has it. */
export type FetchAgain = (
  blob: Descriptor,
  options?: CallOptions & { offset?: number },
) => Promise<BlobReader | undefined>;

/**
 * Layers that are not stored as blobs: a build keeps only the snapshot, a pull only the compressed blob, and compressed
 * blobs may have been given up. They are made again when somebody reads them, as a stream, and must come out with their
 * digest; what cannot be made is fetched again.
 */
export class LazyLayers {
  readonly #content: ContentStore;
  readonly #layers: LayerStore;
  readonly #compressed: CompressedLayers;
  readonly #pack: PackSnapshot;
  readonly #fetchAgain: FetchAgain | undefined;
  readonly #compressor = new LayerCompressor();

  constructor(parts: {
    content: ContentStore;
    layers: LayerStore;
    compressed: CompressedLayers;
    pack: PackSnapshot;
    fetchAgain?: FetchAgain;
  }) {
    this.#content = parts.content;
    this.#layers = parts.layers;
    this.#compressed = parts.compressed;
    this.#pack = parts.pack;
    this.#fetchAgain = parts.fetchAgain;
  }

  async canMake(desc: Descriptor): Promise<boolean> {
    const diffID = lazyDiffID(desc);
    if (diffID === undefined) return this.#dropped(desc.digest) !== undefined;
    return this.#layers.byDiffID(diffID) !== undefined || (await this.storedBlob(diffID)) !== undefined;
  }

  /**
   * Opens the layer, made from its compressed blob or its snapshot, or fetched again. Throws `notFound` when it cannot be
   * had.
   */
  async fetch(
    desc: Descriptor,
    notFound: unknown,
    options?: CallOptions & { offset?: number },
  ): Promise<BlobReader> {
    const diffID = lazyDiffID(desc);
    if (diffID === undefined) return await this.#fetchDropped(desc, notFound, options);
    const blob = await this.storedBlob(diffID);
    if (blob !== undefined) return skip(await this.#decompressed(desc, blob, options), options?.offset ?? 0);
    const layer = this.#layers.byDiffID(diffID);
    if (layer === undefined) throw notFound;
    return skip(await this.#packed(desc, layer, options), options?.offset ?? 0);
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

  /** A blob that was given up and that `recipe` makes again. */
  droppedBlob(diffID: DiffID, recipe: Recipe): Descriptor | undefined {
    const isMade = (layer: CompressedLayer) =>
      layer.isDropped &&
      layer.recipe?.compression === recipe.compression &&
      layer.recipe.version === recipe.version;
    return this.#layers.byDiffID(diffID) && this.#compressed.of(diffID).find(isMade)?.blob;
  }

  /** A compressed blob that was given up while its layer is here unpacked. */
  #dropped(digest: Digest): CompressedLayer | undefined {
    const found = this.#compressed.find(digest);
    return found?.isDropped === true && this.#layers.byDiffID(found.diffID) !== undefined ? found : undefined;
  }

  async #fetchDropped(
    desc: Descriptor,
    notFound: unknown,
    options?: CallOptions & { offset?: number },
  ): Promise<BlobReader> {
    const dropped = this.#dropped(desc.digest);
    if (dropped === undefined) throw notFound;
    const layer = this.#layers.byDiffID(dropped.diffID);
    const { recipe, packedAs } = dropped;
    if (recipe !== undefined && packedAs !== undefined && layer !== undefined) {
      const tar = await this.#pack(layer.snapshot, packedAs, { signal: options?.signal });
      const stream = verified(this.#compressor.compress(tar, recipe.compression), dropped.blob);
      return skip(readerOf(stream, dropped.blob), options?.offset ?? 0);
    }
    const fetched = await this.#fetchAgain?.(dropped.blob, options);
    if (fetched !== undefined) return fetched;
    const what = `Blob "${desc.digest}" was given up and no registry has it for everybody: pull its image again`;
    throw new SlipwayError("unavailable", what, { cause: notFound });
  }

  /** The blob is about to go: nothing may be made from it any more. */
  forget(digest: Digest): void {
    this.#compressed.delete(digest);
  }

  /** The blob is about to go, and can be had again. */
  setDropped(digest: Digest, again: HadAgain): void {
    this.#compressed.setDropped(digest, again);
  }

  async #packed(desc: Descriptor, layer: LayerRecord, options?: CallOptions): Promise<BlobReader> {
    return readerOf(await this.#pack(layer.snapshot, desc, { signal: options?.signal }), desc);
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

function readerOf(stream: AsyncGenerator<Uint8Array>, desc: Descriptor): BlobReader {
  return {
    size: desc.size,
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => void (await stream.return(undefined)),
  };
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
