import { readBlob } from "../../content/read-blob.ts";
import { SlipwayError } from "../../errors.ts";
import type { Unpacker } from "../../image/unpacker.ts";
import { CleanupStack } from "../../internal/cleanup-stack.ts";
import type { Differ } from "../../layer/differ.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Fetcher } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ImageConfig } from "../../oci/image-config.ts";
import type { Manifest } from "../../oci/manifest.ts";
import { isIndexType, isManifestType } from "../../oci/media-types.ts";
import { parseImageConfig } from "../../oci/parse-image-config.ts";
import { parseIndex, parseManifest } from "../../oci/parse-manifest.ts";
import type { Lease } from "../../state/leases.ts";
import type { RemoteResult } from "../solving.ts";
import { parseCacheDocument, type CacheDocument, type TransferRecord } from "./cache-document.ts";
import type { CacheSource } from "./cache-places.ts";
import { openCache, type CacheRegistry } from "./open-cache.ts";

/** No more manifests of one index are looked at. */
const maxManifests = 32;

export interface ImportParts {
  readonly unpacker: Pick<Unpacker, "unpack">;
  readonly differ: Pick<Differ, "apply">;
  /** Holds what is unpacked until the build is done. */
  readonly lease: Lease;
}

/** A layer as a cache has it. */
export interface RemoteLayer {
  readonly descriptor: Descriptor;
  readonly diffID: string;
}

/** A step of a cache that this build found there. */
export interface RemoteStep extends TransferRecord {
  readonly stack: readonly RemoteLayer[];
}

interface Cache {
  readonly source: Fetcher;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  readonly document: CacheDocument;
}

/**
 * The caches of one build (`--cache-from`). Reading them takes their manifests and configs; layers come when a step's
 * result is wanted. Dispose closes them.
 */
export class ImportedCaches implements AsyncDisposable {
  readonly #parts: ImportParts;
  readonly #opened = new CleanupStack();
  readonly #steps = new Map<Digest, { readonly cache: Cache; readonly record: TransferRecord }>();
  readonly #caches: Cache[] = [];

  constructor(parts: ImportParts) {
    this.#parts = parts;
  }

  /** Reads one more. Throws `not_found` where there is none, and what the registry or the disk says. */
  async add(place: CacheSource, registry: CacheRegistry, options: CallOptions): Promise<void> {
    const { target, tag, ...opened } = await openCache(place, registry);
    this.#opened.push(() => opened[Symbol.dispose]());
    await this.#addManifest(target, await target.resolve(tag, options), options);
  }

  async #addManifest(source: Fetcher, desc: Descriptor, options: CallOptions): Promise<void> {
    const bytes = await readBlob(source, desc, options);
    if (isIndexType(desc.mediaType)) {
      const { manifests } = parseIndex(bytes);
      const images = manifests.filter(({ mediaType }) => isManifestType(mediaType)).slice(0, maxManifests);
      for (const each of images) await this.#addManifest(source, each, options);
      return;
    }
    const manifest = parseManifest(bytes);
    const configBytes = await readBlob(source, manifest.config, options);
    const document = parseCacheDocument(configBytes);
    if (document === undefined) return;
    const cache = { source, manifest, config: parseImageConfig(configBytes), document };
    if (cache.config.rootfs.diff_ids.length !== manifest.layers.length)
      throw new SlipwayError("invalid_argument", "the cache's config and manifest name other layers");
    this.#caches.push(cache);
    for (const record of document.records)
      if (!this.#steps.has(record.key)) this.#steps.set(record.key, { cache, record });
  }

  /** The result of the step with this key; undefined when no cache has it. */
  find(key: Digest): RemoteResult | undefined {
    const found = this.#steps.get(key);
    if (found === undefined) return undefined;
    const { cache, record } = found;
    const { result: resultKey, created: createdAt, took: durationMs } = record;
    return {
      resultKey,
      createdAt,
      durationMs,
      fetch: (options) => this.#unpack(cache, record, options),
    };
  }

  /** The step with this key as its cache has it. */
  step(key: Digest): RemoteStep | undefined {
    const found = this.#steps.get(key);
    return found && { ...found.record, stack: stackOf(found.cache, found.record.layers) };
  }

  /** Reads blobs of whatever cache has them. */
  async fetch(desc: Descriptor, options?: CallOptions & { offset?: number }): ReturnType<Fetcher["fetch"]> {
    const cache = this.#caches.find(({ manifest }) =>
      manifest.layers.some(({ digest }) => digest === desc.digest),
    );
    if (cache === undefined) throw new SlipwayError("not_found", `No cache has "${desc.digest}"`);
    return await cache.source.fetch(desc, options);
  }

  /** Fills the empty directory with the contents of a cache mount; false when no cache has it. */
  async fillMount(id: string, directory: string, options: CallOptions): Promise<boolean> {
    for (const { document, manifest, source } of this.#caches) {
      const mount = document.mounts?.find((each) => each.id === id);
      const layer = mount && manifest.layers[mount.layer];
      if (layer === undefined) continue;
      const into = [{ type: "bind", source: directory, options: ["rbind", "rw"] }];
      await this.#parts.differ.apply(layer, source, into, { ...options, isPlain: true });
      return true;
    }
    return false;
  }

  async #unpack(
    cache: Cache,
    record: TransferRecord,
    { signal, onProgress }: Parameters<RemoteResult["fetch"]>[0],
  ): Promise<string> {
    const stack = stackOf(cache, record.layers);
    const manifest = { ...cache.manifest, layers: stack.map(({ descriptor }) => descriptor) };
    const rootfs = { type: "layers", diff_ids: stack.map(({ diffID }) => diffID) } as const;
    const unpacked = await this.#parts.unpacker.unpack(manifest, { ...cache.config, rootfs }, cache.source, {
      signal,
      lease: this.#parts.lease,
      onProgress: ({ layer, state }) => onProgress(`${layer.digest.slice(7, 19)} ${state}`),
    });
    if (unpacked === undefined)
      throw new SlipwayError("invalid_argument", "the cache has no layers for the step");
    return unpacked.snapshot;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]();
  }
}

function stackOf({ manifest, config }: Cache, layers: readonly number[]): RemoteLayer[] {
  return layers.flatMap((at) => {
    const [descriptor, diffID] = [manifest.layers[at], config.rootfs.diff_ids[at]];
    return descriptor === undefined || diffID === undefined ? [] : [{ descriptor, diffID }];
  });
}
