import type { Descriptor } from "../../oci/descriptor.ts";
import { digestOf, isDigest, splitDigest, type Digest } from "../../oci/digest.ts";
import type { BlobStore } from "./blob-store.ts";
import { keys } from "./keys.ts";
import { parseManifestDocument, type ManifestDocument } from "./manifest-document.ts";
import { RegistryError } from "./registry-error.ts";
import { immutableTag } from "./rules/repository-rules.ts";
import type { StorageDriver } from "./storage-driver.ts";

/** A manifest as it was pushed: `bytes` are never changed. */
export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface PutOptions {
  /** Besides the reference, when that is a digest. */
  readonly tags?: readonly string[];
  /** Such a tag is set where there is none, and never changed. Default: none is. */
  isImmutable?(tag: string): boolean;
  /** An index may list manifests that the repository lacks. Default: none may. */
  readonly sparse?: boolean;
}

/** Manifests, tags and referrers of a registry's repositories. */
export class ManifestStore {
  readonly #storage: StorageDriver;
  readonly #blobs: BlobStore;

  constructor(storage: StorageDriver, blobs: BlobStore) {
    this.#storage = storage;
    this.#blobs = blobs;
  }

  /** By tag or digest. Throws `MANIFEST_UNKNOWN`. */
  async get(repository: string, reference: string): Promise<StoredManifest> {
    const digest = isDigest(reference) ? reference : await this.#tagged(repository, reference);
    if (digest === undefined) throw unknown(repository, reference);
    const [link, bytes] = await Promise.all([
      this.#storage.get(keys.manifestLink(repository, digest)),
      this.#storage.get(keys.blob(digest)),
    ]);
    if (!link || !bytes) throw unknown(repository, reference);
    return { digest, mediaType: new TextDecoder().decode(link), bytes };
  }

  /**
   * Stores a manifest under its digest, and under `reference` when that is a tag, and under more tags. Throws
   * `MANIFEST_INVALID`, `MANIFEST_BLOB_UNKNOWN` when the repository lacks what it lists, `DIGEST_INVALID`, `DENIED` (409)
   * for a tag that is immutable and another manifest's.
   * @returns digest, and the subject it refers to
   */
  async put(
    repository: string,
    reference: string,
    mediaType: string,
    bytes: Uint8Array,
    { tags = [], isImmutable = () => false, sparse = false }: PutOptions = {},
  ): Promise<{ digest: Digest; subject: Digest | undefined }> {
    const digest = digestFor(reference, bytes);
    const whole = parseManifestDocument(bytes, mediaType);
    const document = sparse ? { ...whole, manifests: [] } : whole;
    await this.#expectChildren(repository, document);
    const store = async (): Promise<void> => {
      const there = await this.#storage.touch(keys.blob(digest));
      await Promise.all([
        there || this.#storage.put(keys.blob(digest), bytes),
        this.#storage.put(keys.manifestLink(repository, digest), mediaType),
        this.#refer(repository, document, { mediaType, digest, size: bytes.length }),
      ]);
    };
    const wanted = reference === digest ? tags : [reference, ...tags];
    // The collector may take the manifest until it has its tags; then all is looked at once more.
    let tagged: readonly string[] = [];
    do {
      await store();
      await this.#expectStill(repository, digest, document, tagged);
      for (const tag of wanted) await this.#tag(repository, tag, digest, isImmutable(tag));
      tagged = wanted;
    } while (!(await this.#has(repository, digest)));
    return { digest, subject: document.subject };
  }

  /** Stores a manifest of an upstream under its digest. Its blobs come when they are asked for. Throws as {@link put}. */
  async cache(repository: string, digest: Digest, mediaType: string, bytes: Uint8Array): Promise<void> {
    const document = parseManifestDocument(bytes, mediaType);
    digestFor(digest, bytes);
    await this.#storage.put(keys.blob(digest), bytes);
    await this.#storage.put(keys.manifestLink(repository, digest), mediaType);
    await this.#refer(repository, document, { mediaType, digest, size: bytes.length });
  }

  /** Keeps the collector from a manifest that a push was just told is there. */
  async refresh(repository: string, digest: Digest): Promise<void> {
    await this.#storage.touch(keys.manifestLink(repository, digest));
  }

  /** Takes a tag, or a manifest with every tag that names it. Throws `MANIFEST_UNKNOWN`. */
  async delete(repository: string, reference: string): Promise<void> {
    if (!isDigest(reference)) {
      if (!(await this.#storage.delete(keys.tag(repository, reference))))
        throw unknown(repository, reference);
      return;
    }
    const manifest = await this.get(repository, reference);
    const { subject } = parseManifestDocument(manifest.bytes, manifest.mediaType);
    for (const tag of await this.#tagsOf(repository, reference))
      await this.#storage.delete(keys.tag(repository, tag));
    if (subject !== undefined) await this.#storage.delete(keys.referrer(repository, subject, reference));
    await this.#storage.delete(keys.manifestLink(repository, reference));
  }

  /** Sorted. Throws `NAME_UNKNOWN` when nothing was ever pushed to the repository. */
  async tags(repository: string): Promise<string[]> {
    const tags = await this.#storage.children(keys.tags(repository));
    if (tags.length === 0 && (await this.#storage.children(keys.manifests(repository))).length === 0)
      throw new RegistryError("NAME_UNKNOWN", { detail: { name: repository } });
    return tags;
  }

  /** Descriptors of the manifests whose subject is `subject`; empty when there are none. */
  async referrers(repository: string, subject: Digest): Promise<Descriptor[]> {
    const found: Descriptor[] = [];
    for (const name of await this.#storage.children(keys.referrers(repository, subject))) {
      const key = keys.referrer(repository, subject, name.replace("-", ":") as Digest);
      const record = await this.#storage.get(key);
      if (record !== undefined) found.push(JSON.parse(new TextDecoder().decode(record)) as Descriptor);
    }
    return found;
  }

  async #tag(repository: string, tag: string, digest: Digest, isImmutable: boolean): Promise<void> {
    const key = keys.tag(repository, tag);
    if (!isImmutable) return await this.#storage.put(key, digest);
    const first = await this.#storage.putNew(key, digest);
    if (!first && (await this.#tagged(repository, tag)) !== digest) throw immutableTag(tag);
  }

  async #tagged(repository: string, tag: string): Promise<Digest | undefined> {
    const record = await this.#storage.get(keys.tag(repository, tag));
    const digest = record && new TextDecoder().decode(record);
    return digest !== undefined && isDigest(digest) ? digest : undefined;
  }

  async #expectChildren(repository: string, document: ManifestDocument): Promise<void> {
    const blobs = document.blobs.map(async (digest) => {
      if ((await this.#blobs.size(repository, digest)) === undefined) throw missing(digest);
    });
    const manifests = document.manifests.map(async (digest) => {
      if (!(await this.#has(repository, digest))) throw missing(digest);
    });
    await Promise.all([...blobs, ...manifests]);
  }

  /**
   * The collector looks for new manifests after it took what none needed, and this looks for what the manifest needs
   * after the manifest is there to be seen: one of the two sees the other. Blobs taken in between are linked again
   * while their bytes are there; a manifest that lacks one all the same is taken back.
   */
  async #expectStill(
    repository: string,
    digest: Digest,
    document: ManifestDocument,
    tags: readonly string[],
  ): Promise<void> {
    try {
      for (const blob of document.blobs)
        if ((await this.#blobs.size(repository, blob)) === undefined)
          await this.#blobs.adopt(repository, blob);
      await this.#expectChildren(repository, document);
    } catch (error) {
      await this.#takeBack(repository, digest, document, tags);
      throw error;
    }
  }

  /** Takes a manifest that a push could not make whole, and the `tags` it set, unless another push has tagged it. */
  async #takeBack(
    repository: string,
    digest: Digest,
    { subject }: ManifestDocument,
    tags: readonly string[],
  ): Promise<void> {
    const link = keys.manifestLink(repository, digest);
    const referrer = subject && keys.referrer(repository, subject, digest);
    const [mediaType, descriptor] = await Promise.all([
      this.#storage.get(link),
      referrer && this.#storage.get(referrer),
    ]);
    for (const tag of tags)
      if ((await this.#tagged(repository, tag)) === digest)
        await this.#storage.delete(keys.tag(repository, tag));
    if (referrer) await this.#storage.delete(referrer);
    await this.#storage.delete(link);
    if (mediaType === undefined || (await this.#tagsOf(repository, digest)).length === 0) return;
    await this.#storage.put(link, mediaType);
    if (referrer && descriptor) await this.#storage.put(referrer, descriptor);
  }

  async #tagsOf(repository: string, digest: Digest): Promise<string[]> {
    const found: string[] = [];
    for (const tag of await this.#storage.children(keys.tags(repository)))
      if ((await this.#tagged(repository, tag)) === digest) found.push(tag);
    return found;
  }

  async #has(repository: string, digest: Digest): Promise<boolean> {
    const linked = await this.#storage.size(keys.manifestLink(repository, digest));
    return linked !== undefined && (await this.#storage.size(keys.blob(digest))) !== undefined;
  }

  async #refer(repository: string, document: ManifestDocument, manifest: Descriptor): Promise<void> {
    const { subject, artifactType, annotations } = document;
    if (subject === undefined) return;
    const entry = { ...manifest, ...(artifactType && { artifactType }), ...(annotations && { annotations }) };
    await this.#storage.put(keys.referrer(repository, subject, manifest.digest), JSON.stringify(entry));
  }
}

function digestFor(reference: string, bytes: Uint8Array): Digest {
  if (!isDigest(reference)) return digestOf(bytes);
  const digest = digestOf(bytes, splitDigest(reference).algorithm);
  if (digest !== reference) throw new RegistryError("DIGEST_INVALID", { detail: { digest: reference } });
  return digest;
}

function unknown(repository: string, reference: string): RegistryError {
  const what = isDigest(reference) ? { digest: reference } : { tag: reference };
  return new RegistryError("MANIFEST_UNKNOWN", { detail: { name: repository, ...what } });
}

function missing(digest: Digest): RegistryError {
  return new RegistryError("MANIFEST_BLOB_UNKNOWN", { detail: { digest } });
}
