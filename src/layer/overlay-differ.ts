import { SlipwayError } from "../errors.ts";
import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import type { ContentStore, Fetcher, HoldBlob } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseDiffID, splitDigest, type DiffID } from "../oci/digest.ts";
import { isForeignLayerType, layerCompression, mediaTypes, type Compression } from "../oci/media-types.ts";
import type { Mount } from "../oci/mount.ts";
import { WorkerPool } from "../platform/worker.ts";
import type { ApplyOptions, CompareOptions, Differ } from "./differ.ts";
import type {
  PackRequest,
  PackResult,
  UnpackArchiveRequest,
  UnpackRequest,
  UnpackResult,
} from "./layer-tasks.ts";
import { layerDirectories } from "./layer-directories.ts";
import { writableDirectory } from "./writable-directory.ts";

/** A layer's uncompressed tar: its name and its size in bytes. */
export interface TarIdentity {
  readonly diffID: DiffID;
  readonly size: number;
}

/** A layer that was packed. */
export interface PackedLayer extends TarIdentity {
  /** Bytes in its regular files, hard links once: its size as Docker counts. */
  readonly contentBytes: number;
}

export interface OverlayDifferOptions {
  /** Where `compare` puts its blobs. */
  readonly store: ContentStore;
  /** What a layer may unpack to, in bytes of tar. Default: 1 TiB. */
  readonly maxUnpackedSize?: number;
}

/**
 * Layers to and from the directories that the overlay file system mounts. The file work is done on worker threads;
 * dispose ends them. Every layer takes some 30 MB of memory while it passes, whatever its size.
 */
export class OverlayDiffer implements Differ, AsyncDisposable {
  readonly #store: ContentStore;
  readonly #maxUnpackedSize: number;
  readonly #workers = new WorkerPool("src/layer/layer-worker.ts");

  constructor(options: OverlayDifferOptions) {
    this.#store = options.store;
    this.#maxUnpackedSize = options.maxUnpackedSize ?? 2 ** 40;
  }

  async apply(
    layer: Descriptor,
    from: Fetcher,
    mounts: readonly Mount[],
    options: ApplyOptions = {},
  ): Promise<DiffID> {
    return (await this.unpack(layer, from, mounts, options)).diffID;
  }

  /** As {@link apply}, and says how large the tar was. */
  async unpack(
    layer: Descriptor,
    from: Fetcher,
    mounts: readonly Mount[],
    options: ApplyOptions = {},
  ): Promise<TarIdentity> {
    checkMediaType(layer);
    const { path, xattrs } = writableDirectory(mounts);
    const { algorithm, hex } = splitDigest(layer.digest);
    await using reader = await from.fetch(layer, options);
    const { fd } = reader;
    const request: UnpackRequest = {
      op: "unpack",
      ...(fd !== undefined && { fd }),
      directory: path,
      xattrs,
      isPlain: options.isPlain === true,
      algorithm,
      digest: hex,
      size: layer.size,
      maxSize: this.#maxUnpackedSize,
    };
    const task = { signal: options.signal, ...(fd === undefined && { input: reader }) };
    try {
      return identity(await this.#workers.run<UnpackResult>(request, task));
    } catch (error) {
      if (!(error instanceof SlipwayError) || options.signal?.aborted === true) throw error;
      throw new SlipwayError(error.code, `Cannot unpack layer "${layer.digest}": ${error.message}`, {
        cause: error,
      });
    }
  }

  async unpackArchive(
    archive: ByteStream | { readonly fd: number },
    into: string,
    { signal }: CallOptions = {},
  ): Promise<void> {
    const from = "fd" in archive ? { fd: archive.fd } : undefined;
    const request = {
      op: "unpackArchive",
      ...from,
      directory: into,
      maxSize: this.#maxUnpackedSize,
    } as const;
    const input = "fd" in archive ? {} : { input: archive };
    await this.#workers.run(request satisfies UnpackArchiveRequest, { signal, ...input });
  }

  async compare(
    mounts: readonly Mount[],
    options: CompareOptions = {},
  ): Promise<{ layer: Descriptor; diffID: DiffID }> {
    const compression = options.compression ?? "none";
    await using writer = await this.#store.ingest(`compare-${crypto.randomUUID()}`);
    try {
      const onOutput = (chunk: Uint8Array) => writer.write(chunk);
      const { diffID } = await this.#pack(mounts, compression, options, onOutput);
      const blob = await writer.commit({ ...(options.hold && { hold: options.hold }) });
      return { layer: { ...blob, mediaType: layerTypes[compression] }, diffID };
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  /**
   * Packs several layers as one blob in the store, uncompressed: what they change together of those `below` them. Both
   * top first, each as for {@link compare}. Throws `invalid_argument` for no layer.
   */
  async squash(
    layers: readonly (readonly Mount[])[],
    below: readonly (readonly Mount[])[],
    options: CallOptions & { readonly hold?: HoldBlob } = {},
  ): Promise<{ layer: Descriptor; diffID: DiffID }> {
    const all = layers.map(layerDirectories);
    const [top] = all;
    if (top === undefined) throw new SlipwayError("invalid_argument", "There is no layer to squash");
    const directories = all.flatMap(({ paths }) => paths);
    const under = below.flatMap((mounts) => layerDirectories(mounts).paths);
    const parts = { directories, below: under, xattrs: top.xattrs };
    await using writer = await this.#store.ingest(`squash-${crypto.randomUUID()}`);
    try {
      const request: PackRequest = { op: "pack", ...parts, compression: "none", isHashOnly: false };
      const onOutput = (chunk: Uint8Array) => writer.write(chunk);
      const result = await this.#workers.run<PackResult>(request, { signal: options.signal, onOutput });
      const blob = await writer.commit({ ...(options.hold && { hold: options.hold }) });
      return { layer: { ...blob, mediaType: mediaTypes.ociLayer }, diffID: identity(result).diffID };
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  /** What {@link compare} would name the layer, without storing a byte. */
  hashTree(mounts: readonly Mount[], options: CallOptions = {}): Promise<PackedLayer> {
    return this.#pack(mounts, "none", options, undefined);
  }

  /**
   * Sends the layer of `mounts` to `onChunk`, piece by piece; the next piece comes when it is done with the last.
   * Resolves at the end of the stream with what the uncompressed tar is.
   */
  packTree(
    mounts: readonly Mount[],
    onChunk: (chunk: Uint8Array) => void | Promise<void>,
    options: CompareOptions = {},
  ): Promise<PackedLayer> {
    return this.#pack(mounts, options.compression ?? "none", options, onChunk);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workers[Symbol.asyncDispose]();
  }

  async #pack(
    mounts: readonly Mount[],
    compression: Compression,
    { signal }: CallOptions,
    onOutput: ((chunk: Uint8Array) => void | Promise<void>) | undefined,
  ): Promise<PackedLayer> {
    const { paths, xattrs } = layerDirectories(mounts);
    const isHashOnly = onOutput === undefined;
    const request: PackRequest = { op: "pack", directories: paths, xattrs, compression, isHashOnly };
    const options = { signal, ...(onOutput && { onOutput }) };
    const result = await this.#workers.run<PackResult>(request, options);
    return { ...identity(result), contentBytes: result.contentBytes };
  }
}

const layerTypes: Record<Compression, string> = {
  none: mediaTypes.ociLayer,
  gzip: mediaTypes.ociLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
};

function identity(result: UnpackResult): TarIdentity {
  return { diffID: parseDiffID(`sha256:${result.diffID}`), size: result.size };
}

function checkMediaType(layer: Descriptor): void {
  if (isForeignLayerType(layer.mediaType)) {
    const why = `foreign layers ("${layer.mediaType}") are not supported`;
    throw new SlipwayError("not_implemented", `Cannot unpack layer "${layer.digest}": ${why}`);
  }
  if (layerCompression(layer.mediaType) === undefined) {
    const why = `media type "${layer.mediaType}" is no layer`;
    throw new SlipwayError("invalid_argument", `Cannot unpack layer "${layer.digest}": ${why}`);
  }
}
