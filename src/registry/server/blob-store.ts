import type { Digest } from "../../oci/digest.ts";
import { keys } from "./keys.ts";
import { RegistryError } from "./registry-error.ts";
import type { StorageDriver } from "./storage-driver.ts";

/** The blobs of a registry: bytes once, and a link in each repository that may serve them. */
export class BlobStore {
  readonly #storage: StorageDriver;

  constructor(storage: StorageDriver) {
    this.#storage = storage;
  }

  /** Bytes; undefined when `repository` has no such blob. */
  async size(repository: string, digest: Digest): Promise<number | undefined> {
    const linked = await this.#storage.size(keys.blobLink(repository, digest));
    return linked === undefined ? undefined : await this.#storage.size(keys.blob(digest));
  }

  /** Bytes of a blob of any repository: for us, not for clients. */
  async storedSize(digest: Digest): Promise<number | undefined> {
    return await this.#storage.size(keys.blob(digest));
  }

  /** Throws `BLOB_UNKNOWN`. */
  async mustSize(repository: string, digest: Digest): Promise<number> {
    const size = await this.size(repository, digest);
    if (size === undefined) throw new RegistryError("BLOB_UNKNOWN", { detail: { digest } });
    return size;
  }

  body(digest: Digest, start: number, end: number): Promise<Blob | ReadableStream> {
    return this.#storage.body(keys.blob(digest), start, end);
  }

  /** Where a client may get the blob itself for a while. */
  location(digest: Digest): string | undefined {
    return this.#storage.location?.(keys.blob(digest));
  }

  /** Gives `repository` the blob when `from` has it. */
  async mount(repository: string, digest: Digest, from: string): Promise<boolean> {
    if ((await this.size(from, digest)) === undefined) return false;
    return await this.#linkStored(repository, digest);
  }

  /** Gives `repository` the blob when any repository ever had it: for registries where all may read all. */
  async adopt(repository: string, digest: Digest): Promise<boolean> {
    return await this.#linkStored(repository, digest);
  }

  /** Keeps the collector from a blob that a push was just told is there. */
  async refresh(repository: string, digest: Digest): Promise<void> {
    await this.#storage.touch(keys.blobLink(repository, digest));
  }

  /** Gives `repository` a blob whose bytes are stored. */
  async link(repository: string, digest: Digest): Promise<void> {
    await this.#storage.put(keys.blobLink(repository, digest), "");
  }

  /**
   * Links bytes that lie here already. The collector may be taking them this moment: it looks for links after it
   * took them, and this looks for the bytes after it linked, so one of the two sees the other.
   */
  async #linkStored(repository: string, digest: Digest): Promise<boolean> {
    if (!(await this.#storage.touch(keys.blob(digest)))) return false;
    await this.link(repository, digest);
    if ((await this.#storage.size(keys.blob(digest))) !== undefined) return true;
    await this.#storage.delete(keys.blobLink(repository, digest));
    return false;
  }

  /** Takes the blob from `repository`; its bytes stay for others. Throws `BLOB_UNKNOWN`. */
  async unlink(repository: string, digest: Digest): Promise<void> {
    if (!(await this.#storage.delete(keys.blobLink(repository, digest))))
      throw new RegistryError("BLOB_UNKNOWN", { detail: { digest } });
  }
}
