import { readBlob } from "../content/read-blob.ts";
import { writeBytes } from "../content/write-blob.ts";
import { SlipwayError } from "../errors.ts";
import { Limiter } from "../internal/limiter.ts";
import { KeyedMutex } from "../internal/keyed-mutex.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { BlobWriter, ContentStore, HoldBlob } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseDiffID, type DiffID } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import {
  isForeignLayerType,
  isIndexType,
  isManifestType,
  layerCompression,
  mediaTypes,
  type Compression,
} from "../oci/media-types.ts";
import { parseIndex, parseManifest } from "../oci/parse-manifest.ts";
import type { Lease } from "../state/leases.ts";
import type { CompressedLayers } from "./compressed-layers.ts";
import type { ImageStore } from "./image-store.ts";
import { currentRecipe, LayerCompressor } from "./layer-compressor.ts";
import type { LazyLayers } from "./lazy-layers.ts";
import { readImage } from "./read-image.ts";

/** While one layer is read, another keeps the processors busy. */
const layersAtOnce = 2;

export interface PushOptions extends CallOptions {
  /** Of layers that are not compressed yet; `none` leaves them so. Default gzip, which everybody reads. */
  readonly compression?: Compression;
  /** Holds what is made until it was sent. */
  readonly lease?: Lease;
  readonly onProgress?: (progress: { diffID: DiffID; state: "compressing" | "done" }) => void;
  /** Told of each layer as it will be pushed, as soon as it is: it may be sent while others are compressed. */
  readonly onLayer?: (layer: Descriptor) => void;
}

export interface PushCompressorParts {
  readonly content: ContentStore;
  readonly images: ImageStore;
  readonly compressed: CompressedLayers;
  readonly lazy: LazyLayers;
}

/** BuildKit's: the manifest an attestation of the same index is about. */
const subjectAnnotation = "vnd.docker.reference.digest";

/** Makes images fit to leave the machine: layers that a build kept as snapshots become compressed blobs. */
export class PushCompressor {
  readonly #parts: PushCompressorParts;
  readonly #locks = new KeyedMutex();
  readonly #compressor = new LayerCompressor();

  constructor(parts: PushCompressorParts) {
    this.#parts = parts;
  }

  /**
   * The manifest to push for the stored manifest or index `desc`: itself when every layer is compressed, else a new
   * one in the content store with the same config bytes, so the image ID stays. A layer is compressed once and
   * remembered; layers that came compressed are used as they are. Of an index that is not stored whole, the image for
   * this machine. The same image gives the same manifest as long as its compressed layers are kept.
   */
  async forPush(desc: Descriptor, options: PushOptions = {}): Promise<Descriptor> {
    const { content, images } = this.#parts;
    if (isIndexType(desc.mediaType) && (await images.exists(desc))) return await this.#index(desc, options);
    const { manifestDescriptor, manifest, config } = await readImage(content, desc, options);
    // Such an image is refused: nothing of it is to move before.
    const isKeptElsewhere = manifest.layers.some(({ mediaType }) => isForeignLayerType(mediaType));
    const limiter = new Limiter(layersAtOnce);
    const stop = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    const work = manifest.layers.map(async (layer, at) => {
      const diffID = parseDiffID(config.rootfs.diff_ids[at] ?? "");
      const made = await this.#compressedLayer(layer, diffID, manifest, { ...options, signal, limiter });
      if (!isKeptElsewhere) options.onLayer?.(made);
      return made;
    });
    const layers = await allOrStop(work, stop);
    if (layers.every((layer, at) => layer.digest === manifest.layers[at]?.digest)) return manifestDescriptor;
    return await this.#writeManifest(manifestDescriptor, manifest, layers, options);
  }

  /** As {@link forPush} for every image of an index that is stored whole; itself when nothing of them changes. */
  async #index(desc: Descriptor, options: PushOptions): Promise<Descriptor> {
    const { content } = this.#parts;
    const bytes = await readBlob(content, desc, { signal: options.signal });
    const document = JSON.parse(Buffer.from(bytes).toString()) as { manifests: Record<string, unknown>[] };
    const renamed = new Map<string, string>();
    for (const [at, entry] of parseIndex(bytes).manifests.entries()) {
      if (!(await this.#isImage(entry, options))) continue;
      const { digest, size } = await this.forPush(entry, options);
      if (digest === entry.digest) continue;
      renamed.set(entry.digest, digest);
      Object.assign(document.manifests[at] ?? {}, { digest, size });
    }
    if (renamed.size === 0) return desc;
    for (const entry of document.manifests) renameSubject(entry["annotations"], renamed);
    const bytesNow = Buffer.from(JSON.stringify(document));
    return await writeBytes(content, desc.mediaType, bytesNow, holdBy(options.lease));
  }

  /** Signatures and attestations stand in an index as well: they go as they are. */
  async #isImage(entry: Descriptor, options: PushOptions): Promise<boolean> {
    if (isIndexType(entry.mediaType)) return true;
    if (!isManifestType(entry.mediaType)) return false;
    const { layers } = parseManifest(await readBlob(this.#parts.content, entry, { signal: options.signal }));
    return layers.every(({ mediaType }) => layerCompression(mediaType) !== undefined);
  }

  async #compressedLayer(
    layer: Descriptor,
    diffID: DiffID,
    manifest: Manifest,
    options: PushOptions & { readonly limiter: Limiter },
  ): Promise<Descriptor> {
    const { compression = "gzip" } = options;
    const { lazy } = this.#parts;
    if (layerCompression(layer.mediaType) !== "none" || compression === "none") return layer;
    const hold = (blob: Descriptor): boolean => {
      holdBy(options.lease)(blob.digest);
      return layerCompression(blob.mediaType) === compression;
    };
    // Who waits here finds the other's blob, or does the work when the other gave up.
    using _lock = await this.#locks.lock(`${diffID} ${compression}`);
    options.signal?.throwIfAborted();
    let blob = (await lazy.storedBlob(diffID, hold)) ?? lazy.droppedBlob(diffID, currentRecipe(compression));
    if (blob === undefined) {
      blob = await this.#compress(layer, diffID, compression, options);
      options.onProgress?.({ diffID, state: "done" });
    }
    const { digest, size } = blob;
    return { mediaType: typeFor(manifest, compression), digest, size };
  }

  async #compress(
    layer: Descriptor,
    diffID: DiffID,
    compression: "gzip" | "zstd",
    options: PushOptions & { readonly limiter: Limiter },
  ): Promise<Descriptor> {
    const { content, compressed } = this.#parts;
    await using writer = await content.ingest(`compress/${diffID}/${crypto.randomUUID()}`);
    try {
      // The next layer has the processors while this one is flushed and sent.
      await options.limiter.run(async () => {
        options.onProgress?.({ diffID, state: "compressing" });
        await this.#writeCompressed(layer, compression, writer, options.signal);
      });
      const { digest, size } = await writer.commit({ hold: holdBy(options.lease) });
      const mediaType = compression === "gzip" ? mediaTypes.ociLayerGzip : mediaTypes.ociLayerZstd;
      const blob = { mediaType, digest, size };
      compressed.add(diffID, blob, currentRecipe(compression));
      return blob;
    } finally {
      await writer.abort();
    }
  }

  async #writeCompressed(
    layer: Descriptor,
    compression: "gzip" | "zstd",
    writer: BlobWriter,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    signal?.throwIfAborted();
    await using reader = await this.#parts.images.fetch(layer, { signal });
    for await (const chunk of this.#compressor.compress(reader, compression)) {
      signal?.throwIfAborted();
      await writer.write(chunk);
    }
  }

  async #writeManifest(
    old: Descriptor,
    manifest: Manifest,
    layers: readonly Descriptor[],
    options: PushOptions,
  ): Promise<Descriptor> {
    const bytes = Buffer.from(JSON.stringify({ ...manifest, mediaType: old.mediaType, layers }));
    return await writeBytes(this.#parts.content, old.mediaType, bytes, holdBy(options.lease));
  }
}

function holdBy(lease: Lease | undefined): HoldBlob {
  return (digest) => lease?.add(`blob/${digest}`);
}

/** What an entry of an index is about, when that is another entry. */
function renameSubject(annotations: unknown, renamed: ReadonlyMap<string, string>): void {
  if (typeof annotations !== "object" || annotations === null) return;
  const record = annotations as Record<string, unknown>;
  const now = renamed.get(String(record[subjectAnnotation]));
  if (now !== undefined) record[subjectAnnotation] = now;
}

/** What all give; the first failure stops the others, and is thrown when they have stopped. */
async function allOrStop<T>(work: readonly Promise<T>[], stop: AbortController): Promise<T[]> {
  try {
    return await Promise.all(work);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(work);
    throw error;
  }
}

/** Docker's manifests hold Docker's layer types, OCI's hold OCI's. */
function typeFor(manifest: Manifest, compression: "gzip" | "zstd"): string {
  if (manifest.mediaType !== mediaTypes.dockerManifest) {
    return compression === "gzip" ? mediaTypes.ociLayerGzip : mediaTypes.ociLayerZstd;
  }
  if (compression === "gzip") return mediaTypes.dockerLayerGzip;
  throw new SlipwayError("invalid_argument", "Docker's manifest format has no zstd layers: push as OCI");
}
