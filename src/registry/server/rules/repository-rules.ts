import { isDigest, type Digest } from "../../../oci/digest.ts";
import { KeyedMutex } from "../../../internal/keyed-mutex.ts";
import { keys } from "../keys.ts";
import { compilePattern } from "../../../internal/name-pattern.ts";
import { RegistryError } from "../registry-error.ts";
import type { StorageDriver } from "../storage-driver.ts";
import { digestsBelow } from "../upkeep/repository-content.ts";

/** What a repository must not do. For each setting the first rule counts that matches and says something. */
export interface RepositoryRule {
  /** Patterns as `compilePattern` has them. */
  readonly repositories: string;
  /** Tags that, once set, neither change nor go by a client's hand. */
  readonly immutableTags?: string;
  /** Bytes of all blobs and manifests the repository links. */
  readonly quotaBytes?: number;
  /** Indexes may list manifests that the repository lacks: platforms that nobody copied. Default false. */
  readonly sparseIndexes?: boolean;
}

const keptSizes = 100_000;

/**
 * Holds pushes to the rules. Uploads at the same moment, here or at other registries of the same storage, may together
 * exceed a quota by what is under way: counting and writing are no one step in any store we know.
 */
export class RepositoryRules {
  readonly #rules: readonly RepositoryRule[];
  readonly #storage: StorageDriver;
  readonly #locks = new KeyedMutex();
  readonly #sizes = new Map<Digest, number>();

  constructor(rules: readonly RepositoryRule[], storage: StorageDriver) {
    this.#rules = rules;
    this.#storage = storage;
  }

  /**
   * Keeps other pushes to a repository with rules waiting until it is disposed: what is checked must still hold when
   * the push is done. For registries that share a storage, the storage itself keeps immutable tags.
   */
  async lock(repository: string): Promise<Disposable> {
    const ruled = this.#rules.some((rule) => compilePattern(rule.repositories)(repository));
    return ruled ? await this.#locks.lock(repository) : { [Symbol.dispose]: () => {} };
  }

  isImmutable(repository: string, tag: string): boolean {
    const pattern = this.#first(repository, ({ immutableTags }) => immutableTags);
    return pattern !== undefined && compilePattern(pattern)(tag);
  }

  /** Throws `DENIED` (409) when `tag` is immutable and names something other than `digest`; undefined: it is to go. */
  async checkTag(repository: string, tag: string, digest: Digest | undefined): Promise<void> {
    if (!this.isImmutable(repository, tag)) return;
    const bytes = await this.#storage.get(keys.tag(repository, tag));
    const now = bytes && new TextDecoder().decode(bytes);
    if (now !== undefined && now !== digest) throw immutableTag(tag);
  }

  /** Throws as {@link checkTag} for a manifest that an immutable tag names: its deletion would take the tag. */
  async checkDelete(repository: string, reference: string): Promise<void> {
    if (!isDigest(reference)) return await this.checkTag(repository, reference, undefined);
    if (this.#first(repository, ({ immutableTags }) => immutableTags) === undefined) return;
    for (const tag of await this.#storage.children(keys.tags(repository))) {
      const named = await this.#storage.get(keys.tag(repository, tag));
      if (named && new TextDecoder().decode(named) === reference)
        await this.checkTag(repository, tag, undefined);
    }
  }

  allowsSparse(repository: string): boolean {
    return this.#first(repository, ({ sparseIndexes }) => sparseIndexes) ?? false;
  }

  /** Bytes that may still come; undefined: any number. */
  async room(repository: string): Promise<number | undefined> {
    const quota = this.#first(repository, ({ quotaBytes }) => quotaBytes);
    return quota === undefined ? undefined : quota - (await this.#usage(repository));
  }

  /** Throws `DENIED` when `bytes` more are too many. */
  async checkRoom(repository: string, bytes: number): Promise<void> {
    const room = await this.room(repository);
    if (room !== undefined && bytes > room) throw overQuota(repository);
  }

  async #usage(repository: string): Promise<number> {
    const digests = new Set([
      ...(await digestsBelow(this.#storage, keys.blobLinks(repository))),
      ...(await digestsBelow(this.#storage, keys.manifests(repository))),
    ]);
    let sum = 0;
    for (const digest of digests) sum += await this.#sizeOf(digest);
    return sum;
  }

  async #sizeOf(digest: Digest): Promise<number> {
    const known = this.#sizes.get(digest);
    if (known !== undefined) return known;
    const size = (await this.#storage.size(keys.blob(digest))) ?? 0;
    if (this.#sizes.size >= keptSizes) this.#sizes.clear();
    this.#sizes.set(digest, size);
    return size;
  }

  #first<T>(repository: string, pick: (rule: RepositoryRule) => T | undefined): T | undefined {
    const fits = (rule: RepositoryRule): boolean =>
      pick(rule) !== undefined && compilePattern(rule.repositories)(repository);
    const rule = this.#rules.find(fits);
    return rule && pick(rule);
  }
}

export function immutableTag(tag: string): RegistryError {
  return new RegistryError("DENIED", { status: 409, message: `tag "${tag}" is immutable`, detail: { tag } });
}

export function overQuota(repository: string): RegistryError {
  return new RegistryError("DENIED", { message: `the quota of "${repository}" is used up` });
}
