import { readBlob } from "../content/read-blob.ts";
import { hasBlob } from "../content/has-blob.ts";
import { receiveBlob, writeBlob, writeFollowedBlob } from "../content/write-blob.ts";
import { isCode, SlipwayError } from "../errors.ts";
import { KeyedMutex } from "../internal/keyed-mutex.ts";
import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import type { BlobReader, ContentStore, Fetcher, FetchOptions } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { isIndexType, isManifestType } from "../oci/media-types.ts";
import { children } from "../oci/parse-manifest.ts";
import type { Target } from "../oci/target.ts";
import type { Lease } from "../state/leases.ts";

import type { HadAgain } from "./compressed-layers.ts";
import { findImage, findTarget } from "./find-image.ts";
import type { ImageRecord, ImageRecords } from "./image-records.ts";
import { normalise } from "./normalise-reference.ts";
import { readImage } from "./read-image.ts";
import type { LazyLayers } from "./lazy-layers.ts";

/**
 * The engine's images: a `Target` whose `ref`s are references (`docker.io/library/nginx:latest`), with blobs in a
 * content store and records in SQLite. An image's ID is the digest of its config. Records are written after the files
 * they name and removed before them; the files go when the collector finds nothing that names them.
 */
export class ImageStore implements Target {
  readonly #content: ContentStore;
  readonly #lazy: LazyLayers;
  readonly #locks = new KeyedMutex();
  #generation = 0;
  /** Tables `images`, `tags` and `repo_digests`, for reading. Change them through the store. */
  readonly records: ImageRecords;

  constructor(parts: { content: ContentStore; records: ImageRecords; lazy: LazyLayers }) {
    this.#content = parts.content;
    this.#lazy = parts.lazy;
    this.records = parts.records;
  }

  /** Counts changes to images and their names: the collector starts over when it moved. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * The image `name` means, in Docker's order: an ID of 64 hex digits, a reference, the beginning of an ID. Throws
   * `not_found` with Docker's words; `conflict` when several IDs begin so.
   */
  get(name: string): ImageRecord {
    return findImage(this.records, name);
  }

  /** Whether {@link resolve} finds something. */
  async has(ref: string): Promise<boolean> {
    try {
      await this.resolve(ref);
      return true;
    } catch (error) {
      if (isCode(error, "not_found")) return false;
      throw error;
    }
  }

  /** What `ref` is tagged to, or the manifest of the image it means. Throws `not_found`. */
  async resolve(ref: string, _options?: CallOptions): Promise<Descriptor> {
    return await findTarget(this.records, this.#content, ref);
  }

  /** For a manifest or index: with all its children. A layer that can be made again exists. */
  async exists(desc: Descriptor, options?: CallOptions): Promise<boolean> {
    const isDocument = isManifestType(desc.mediaType) || isIndexType(desc.mediaType);
    using _lock = await this.#locks.lock(desc.digest);
    if (!(await this.#has(desc.digest))) return !isDocument && (await this.#lazy.canMake(desc));
    if (!isDocument) return true;
    const bytes = await readBlob(this.#content, desc, { signal: options?.signal });
    for (const child of children(desc, bytes)) if (!(await this.exists(child, options))) return false;
    return true;
  }

  async fetch(desc: Descriptor, options?: FetchOptions): Promise<BlobReader> {
    try {
      return await this.#content.fetch(desc, options);
    } catch (error) {
      if (!isCode(error, "not_found")) throw error;
      return await this.#lazy.fetch(desc, error, options);
    }
  }

  /** The blob that {@link receive} is taking, as it arrives: `ContentStore.follow`. */
  follow(digest: Digest, options?: CallOptions): AsyncGenerator<Uint8Array> | undefined {
    return this.#content.follow?.(digest, options);
  }

  async push(desc: Descriptor, content: ByteStream, options?: CallOptions): Promise<void> {
    using _lock = await this.#locks.lock(desc.digest);
    if (await this.#has(desc.digest)) return;
    await writeBlob(this.#content, desc, content, options);
  }

  /** As {@link push}, for {@link follow} to see. `onBytes` is called when some have come. */
  async pushFollowed(
    desc: Descriptor,
    content: ByteStream,
    options: CallOptions & { onBytes: () => void },
  ): Promise<void> {
    using _lock = await this.#locks.lock(desc.digest);
    if (await this.#has(desc.digest)) return;
    await writeFollowedBlob(this.#content, desc, content, options);
  }

  async receive(
    desc: Descriptor,
    from: Fetcher,
    options?: CallOptions & { onBytes?: (bytes: number) => void },
  ): Promise<void> {
    using _lock = await this.#locks.lock(desc.digest);
    if (await this.#has(desc.digest)) return;
    await receiveBlob(this.#content, desc, from, options);
  }

  /**
   * Names a stored manifest or index. A reference by digest is kept as a repo digest. Of an index, the image for this
   * machine is what the name means, or else its first that is stored. Throws `not_found` when a blob is missing.
   */
  async tag(desc: Descriptor, ref: string, options?: CallOptions): Promise<void> {
    const image = await this.#read(desc, options);
    const { reference, isDigestReference } = normalise(ref);
    // The image may have been removed meanwhile: record and name come in one step.
    this.#record(image);
    const { id } = image.record;
    if (isDigestReference) this.records.setRepoDigest(reference, id);
    else this.records.setTag({ reference, image: id, target: desc, updatedAt: new Date() });
  }

  /** Records the image of a stored manifest or index, without a name. Idempotent. Returns its ID. */
  async put(desc: Descriptor, options?: CallOptions): Promise<Digest> {
    const image = await this.#read(desc, options);
    this.#record(image);
    return image.record.id;
  }

  /** The image's manifest from now on, and that of its tags that named the last one: for one that is lost. */
  setManifest(id: Digest, manifest: Descriptor): void {
    const before = this.records.get(id)?.manifest.digest;
    this.#generation += 1;
    this.records.setManifest(id, manifest);
    for (const tag of this.records.tagsOf(id)) {
      if (tag.target.digest === before) this.records.setTag({ ...tag, target: manifest });
    }
  }

  /** Another name for the image `name` means: it names the same manifest or index. */
  async tagAs(name: string, ref: string): Promise<void> {
    await this.tag(await this.resolve(name), ref);
  }

  /** Takes the name away; the image stays. True when there was such a tag or repo digest. */
  untag(ref: string): boolean {
    const { reference, isDigestReference } = normalise(ref);
    this.#generation += 1;
    return isDigestReference ? this.records.deleteRepoDigest(reference) : this.records.deleteTag(reference);
  }

  /** Forgets the image and all its names. Idempotent. The collector removes what nothing else needs. */
  delete(id: Digest): void {
    this.#generation += 1;
    this.records.delete(id);
  }

  /** Remembers what a registry calls the image: `docker.io/library/nginx@sha256:…`. Throws `not_found`. */
  addRepoDigest(reference: string, image: Digest): void {
    const { reference: canonical, isDigestReference } = normalise(reference);
    if (!isDigestReference) {
      throw new SlipwayError("invalid_argument", `Reference "${reference}" has no digest`);
    }
    if (this.records.get(image) === undefined) throw new SlipwayError("not_found", `No such image: ${image}`);
    this.#generation += 1;
    this.records.setRepoDigest(canonical, image);
  }

  /** The store as the target of work in flight: what is found or pushed through it is held by `lease`. */
  leased(lease: Lease): Target {
    const hold = (desc: Descriptor): void => lease.add(`blob/${desc.digest}`);
    return {
      resolve: (ref, options) => this.resolve(ref, options),
      fetch: (desc, options) => this.fetch(desc, options),
      tag: (desc, ref, options) => this.tag(desc, ref, options),
      exists: async (desc, options) => {
        await this.#hold(desc, hold, options);
        return await this.exists(desc, options);
      },
      push: async (desc, content, options) => {
        hold(desc);
        await this.push(desc, content, options);
      },
      receive: async (desc, from, options) => {
        hold(desc);
        await this.receive(desc, from, options);
      },
    };
  }

  /** For the collector: deletes the blob unless `isLive` says, at the last moment, that something needs it. */
  async collect(digest: Digest, isLive: () => boolean): Promise<boolean> {
    using _lock = await this.#locks.lock(digest);
    if (isLive()) return false;
    this.#lazy.forget(digest);
    await this.#content.delete(digest);
    return true;
  }

  /** Gives up a blob that can be had again, unless `isLive` says, at the last moment, that somebody works with it. */
  async drop(digest: Digest, again: HadAgain, isLive: () => boolean): Promise<boolean> {
    using _lock = await this.#locks.lock(digest);
    if (isLive()) return false;
    this.#lazy.setDropped(digest, again);
    await this.#content.delete(digest);
    return true;
  }

  async #read(desc: Descriptor, options?: CallOptions): Promise<{ record: ImageRecord; replaces: boolean }> {
    const { manifestDescriptor, manifest, configText } = await readImage(this.#content, desc, options);
    const id = manifest.config.digest;
    const known = this.records.get(id);
    const replaces = known !== undefined && !(await this.exists(known.manifest));
    const record = { id, manifest: manifestDescriptor, config: configText, createdAt: new Date() };
    return { record, replaces };
  }

  #record({ record, replaces }: { record: ImageRecord; replaces: boolean }): void {
    this.#generation += 1;
    this.records.insert(record);
    if (replaces) this.records.setManifest(record.id, record.manifest);
  }

  /** A manifest that is there already is not copied again, so its children are held with it. */
  async #hold(desc: Descriptor, hold: (desc: Descriptor) => void, options?: CallOptions): Promise<void> {
    hold(desc);
    const isDocument = isManifestType(desc.mediaType) || isIndexType(desc.mediaType);
    if (!isDocument || !(await this.#has(desc.digest))) return;
    const bytes = await readBlob(this.#content, desc, { signal: options?.signal });
    for (const child of children(desc, bytes)) await this.#hold(child, hold, options);
  }

  async #has(digest: Digest): Promise<boolean> {
    return await hasBlob(this.#content, digest);
  }
}
