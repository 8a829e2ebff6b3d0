import { isCode } from "../../../errors.ts";
import { SingleFlight } from "../../../internal/single-flight.ts";
import type { Descriptor } from "../../../oci/descriptor.ts";
import { isDigest, type Digest } from "../../../oci/digest.ts";
import type { BlobStore } from "../blob-store.ts";
import { keys } from "../keys.ts";
import type { ManifestStore } from "../manifest-store.ts";
import { RegistryError } from "../registry-error.ts";
import type { StorageDriver } from "../storage-driver.ts";
import type { UploadStore } from "../upload-store.ts";
import { teeToStorage } from "./tee.ts";
import type { FindUpstream, Upstream } from "./upstream.ts";

export interface PullThroughOptions {
  readonly storage: StorageDriver;
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  readonly manifests: ManifestStore;
  readonly upstream: FindUpstream;
  /** For so long a tag is not asked for again. */
  readonly tagMs: number;
  onError(error: unknown): void;
}

/**
 * Fills repositories from their upstreams when they are asked for what they lack. What was pushed here wins over
 * what is there; what was once fetched is served when the upstream fails or is busy.
 */
export class PullThrough {
  readonly #options: PullThroughOptions;
  readonly #flights = new SingleFlight<void>();
  readonly #storing = new Set<string>();

  constructor(options: PullThroughOptions) {
    this.#options = options;
  }

  /** Whether the repository has an upstream. */
  covers(repository: string): boolean {
    return this.#options.upstream(repository) !== undefined;
  }

  /** Fetches the manifest unless it is here and fresh. Throws `MANIFEST_UNKNOWN`, `UNAVAILABLE`. */
  async manifest(repository: string, reference: string): Promise<void> {
    const upstream = this.#options.upstream(repository);
    if (upstream === undefined) return;
    await this.#flights.run(`${repository}@${reference}`, async () => {
      if (isDigest(reference)) await this.#byDigest(upstream, repository, reference);
      else await this.#byTag(upstream, repository, reference);
    });
  }

  /** The size of a blob the repository lacks and its upstream has; undefined when neither has it. */
  async blobSize(repository: string, digest: Digest): Promise<number | undefined> {
    const upstream = this.#options.upstream(repository);
    if (upstream === undefined) return undefined;
    return await this.#asked(() => upstream.blobSize(digest));
  }

  /** The blob as it arrives from upstream, stored on its way; undefined when it is not there. */
  async blob(
    repository: string,
    digest: Digest,
  ): Promise<{ size: number; body: ReadableStream } | undefined> {
    const upstream = this.#options.upstream(repository);
    const size = upstream && (await this.#asked(() => upstream.blobSize(digest)));
    if (upstream === undefined || size === undefined) return undefined;
    const reader = await this.#asked(() => upstream.fetch(blobOf(digest, size)));
    if (reader === undefined) return undefined;
    const key = `${repository}@${digest}`;
    // A second client is passed what comes: two uploads of one blob would help nobody.
    const store = this.#storing.has(key) ? undefined : this.#store(repository, digest);
    if (store !== undefined) this.#storing.add(key);
    const forget = (): void => void this.#storing.delete(key);
    return { size, body: teeToStorage(reader, store, { ended: forget, onError: this.#options.onError }) };
  }

  /** Fetches a blob a pushed manifest names; nothing happens when it is here, or nowhere. */
  async ensureBlob(repository: string, digest: Digest): Promise<void> {
    if ((await this.#options.blobs.size(repository, digest)) !== undefined) return;
    const found = await this.blob(repository, digest);
    for await (const _chunk of found?.body ?? []);
  }

  /** Tags here and there; those here when the upstream fails. */
  async tags(repository: string, own: readonly string[]): Promise<string[]> {
    const upstream = this.#options.upstream(repository);
    const there = upstream && (await this.#asked(() => upstream.tags()).catch(() => undefined));
    return [...new Set([...own, ...(there ?? [])])].sort();
  }

  async referrers(repository: string, subject: Digest, own: readonly Descriptor[]): Promise<Descriptor[]> {
    const upstream = this.#options.upstream(repository);
    const there = upstream && (await this.#asked(() => upstream.referrers(subject)).catch(() => undefined));
    const known = new Set(own.map(({ digest }) => digest));
    return [...own, ...(there ?? []).filter(({ digest }) => !known.has(digest))];
  }

  async #byDigest(upstream: Upstream, repository: string, digest: Digest): Promise<void> {
    if ((await this.#options.storage.size(keys.manifestLink(repository, digest))) !== undefined) return;
    const found = await this.#asked(() => upstream.resolve(digest));
    if (found !== undefined) await this.#fetch(upstream, repository, found);
  }

  async #byTag(upstream: Upstream, repository: string, tag: string): Promise<void> {
    const { storage, tagMs } = this.#options;
    const own = await storage.get(keys.tag(repository, tag));
    const mark = await storage.get(keys.proxied(repository, tag));
    // The tag was pushed here.
    if (own !== undefined && (mark === undefined || !Buffer.from(own).equals(mark))) return;
    const asked = mark && (await storage.modified(keys.proxied(repository, tag)));
    if (own && asked && Date.now() - asked.getTime() < tagMs) return;
    let found: Descriptor | undefined;
    try {
      found = await this.#asked(() => upstream.resolve(tag));
      if (found !== undefined) await this.#fetch(upstream, repository, found);
    } catch (error) {
      if (own === undefined) throw error;
      this.#options.onError(error);
      return;
    }
    if (found === undefined)
      throw new RegistryError("MANIFEST_UNKNOWN", { detail: { name: repository, tag } });
    await storage.put(keys.proxied(repository, tag), found.digest);
    await storage.put(keys.tag(repository, tag), found.digest);
  }

  async #fetch(upstream: Upstream, repository: string, desc: Descriptor): Promise<void> {
    const { storage, manifests } = this.#options;
    if ((await storage.size(keys.manifestLink(repository, desc.digest))) !== undefined) return;
    await using reader = await upstream.fetch(desc);
    const bytes = Buffer.concat(await Array.fromAsync(reader));
    await manifests.cache(repository, desc.digest, desc.mediaType, bytes);
  }

  async #store(
    repository: string,
    digest: Digest,
  ): Promise<(content: AsyncIterable<Uint8Array>) => Promise<void>> {
    const { uploads } = this.#options;
    const id = await uploads.start(repository);
    return async (content) => {
      try {
        await uploads.finish(repository, id, digest, { content });
      } catch (error) {
        await uploads.cancel(repository, id).catch(() => {});
        throw error;
      }
    };
  }

  /** Undefined for what the upstream has not. Throws `UNAVAILABLE` for an upstream that fails. */
  async #asked<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (isCode(error, "not_found")) return undefined;
      throw new RegistryError("UNAVAILABLE", {
        message: "the upstream registry does not answer",
        cause: error,
      });
    }
  }
}

function blobOf(digest: Digest, size: number): Descriptor {
  return { mediaType: "application/octet-stream", digest, size };
}
