import { createHash, randomUUID } from "node:crypto";
import { KeyedMutex } from "../../internal/keyed-mutex.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import { splitDigest, type Digest } from "../../oci/digest.ts";
import type { BlobStore } from "./blob-store.ts";
import { keys } from "./keys.ts";
import { isUploadId } from "./names.ts";
import { RegistryError } from "./registry-error.ts";
import { RunningHashes } from "./running-hashes.ts";
import type { StorageDriver } from "./storage-driver.ts";

/** What the client says about the bytes it sends: `Content-Range`, or nothing for "what follows". */
export interface Chunk {
  readonly start?: number | undefined;
  /** bytes the request promised; checked when given */
  readonly length?: number | undefined;
  readonly content: ByteStream;
}

/** Uploads in progress (distribution-spec, "Pushing blobs"). Their state is the stored bytes, so a restart loses none. */
export class UploadStore {
  readonly #storage: StorageDriver;
  readonly #blobs: BlobStore;
  readonly #busy = new KeyedMutex();
  readonly #hashes = new RunningHashes();

  constructor(storage: StorageDriver, blobs: BlobStore) {
    this.#storage = storage;
    this.#blobs = blobs;
  }

  /** @returns the session ID */
  async start(repository: string): Promise<string> {
    const id = randomUUID();
    await this.#storage.create(keys.upload(repository, id));
    return id;
  }

  /** Bytes received so far. Throws `BLOB_UPLOAD_UNKNOWN`. */
  async size(repository: string, id: string): Promise<number> {
    const size = isUploadId(id) ? await this.#storage.size(keys.upload(repository, id)) : undefined;
    if (size === undefined) throw new RegistryError("BLOB_UPLOAD_UNKNOWN", { detail: { uploadId: id } });
    return size;
  }

  /**
   * Adds a chunk and returns the new size. Throws `BLOB_UPLOAD_INVALID` (416) when it does not start where the upload ends,
   * `SIZE_INVALID` when it is shorter than promised: the bytes that came are kept.
   */
  async append(repository: string, id: string, chunk: Chunk): Promise<number> {
    return await this.#busy.run(id, () => this.#append(repository, id, chunk));
  }

  /** Adds the last chunk, verifies, and gives the blob to the repository. Throws also `DIGEST_INVALID`. */
  async finish(repository: string, id: string, digest: Digest, chunk?: Chunk): Promise<void> {
    await this.#busy.run(id, async () => {
      const key = keys.upload(repository, id);
      const hash = await this.#hashAll(repository, id, digest, chunk);
      if (hash !== splitDigest(digest).hex) {
        await this.#storage.delete(key);
        throw new RegistryError("DIGEST_INVALID", { detail: { digest } });
      }
      if (await this.#blobs.adopt(repository, digest)) {
        await this.#storage.delete(key);
        return;
      }
      // A link without its blob says nothing, so neither need wait for the other.
      const moved = this.#storage.move(key, keys.blob(digest));
      await Promise.all([moved, this.#blobs.link(repository, digest)]);
    });
  }

  /** Drops an upload and its bytes. Throws `BLOB_UPLOAD_UNKNOWN`. */
  async cancel(repository: string, id: string): Promise<void> {
    await this.size(repository, id);
    this.#hashes.forget(id);
    await this.#storage.delete(keys.upload(repository, id));
  }

  async #append(repository: string, id: string, chunk: Chunk): Promise<number> {
    const size = await this.#expectStart(repository, id, chunk.start);
    const content = this.#hashes.observe(id, size, chunk.content);
    const end = await this.#storage.append(keys.upload(repository, id), size, content);
    return checkLength(chunk, size, end);
  }

  async #expectStart(repository: string, id: string, start: number | undefined): Promise<number> {
    const size = await this.size(repository, id);
    if (start === undefined || start === size) return size;
    throw new RegistryError("BLOB_UPLOAD_INVALID", {
      status: 416,
      message: "the chunk does not begin where the upload ends",
      detail: { expected: size, received: start },
      headers: uploadHeaders(repository, id, size),
    });
  }

  /** The hex digest of the whole upload, by the algorithm of `digest`; hashed while it arrives where that can be. */
  async #hashAll(repository: string, id: string, digest: Digest, chunk: Chunk | undefined): Promise<string> {
    const key = keys.upload(repository, id);
    const { algorithm } = splitDigest(digest);
    const size = await this.#expectStart(repository, id, chunk?.start);
    const whole = createHash(algorithm);
    if (algorithm === "sha512" && size === 0 && chunk !== undefined) {
      const end = await this.#storage.append(key, 0, hashing(whole, chunk.content));
      checkLength(chunk, 0, end);
      return whole.digest("hex");
    }
    const end = chunk === undefined ? size : await this.#append(repository, id, chunk);
    const known = this.#hashes.finish(id, end);
    if (algorithm === "sha256" && known !== undefined) return known;
    for await (const bytes of this.#storage.read(key)) whole.update(bytes);
    return whole.digest("hex");
  }
}

/** Where the upload goes on and how far it is (distribution-spec, "Pushing a blob in chunks"). */
export function uploadHeaders(repository: string, id: string, size: number): Record<string, string> {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, size - 1)}`,
    "docker-upload-uuid": id,
  };
}

function checkLength(chunk: Chunk, start: number, end: number): number {
  if (chunk.length !== undefined && end - start !== chunk.length)
    throw new RegistryError("SIZE_INVALID", { detail: { expected: chunk.length, received: end - start } });
  return end;
}

async function* hashing(hash: { update(chunk: Uint8Array): unknown }, content: ByteStream): ByteStream {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}
