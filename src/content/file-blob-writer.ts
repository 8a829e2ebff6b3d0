import { createHash, type Hash } from "node:crypto";
import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SlipwayError } from "../errors.ts";
import { atomicWrite, syncDirectory } from "../internal/atomic-write.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { BlobWriter, CommitOptions } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseDigest, splitDigest, type Digest } from "../oci/digest.ts";
import { readChunks } from "./read-chunks.ts";
import { wrongDigest, wrongSize } from "./verify.ts";
import { WrittenFile } from "./written-file.ts";

/** Chunks are gathered to this many bytes before they go to the file. */
const writeSize = 1024 * 1024;

/**
 * Writes into `<directory>/data` and renames that to the blob's path on commit. SHA-256 runs along; a blob named by
 * another algorithm is read once more at the end.
 */
export class FileBlobWriter implements BlobWriter {
  readonly #directory: string;
  readonly #file: FileHandle;
  readonly #hash: Hash;
  readonly #pathOf: (digest: Digest) => string;
  readonly #onClose: () => void;
  #buffer: Uint8Array = new Uint8Array();
  /** Bytes in the buffer that the file has not yet. */
  #used = 0;
  #offset: number;
  #state: "open" | "closed" = "open";
  readonly #written: WrittenFile;

  private constructor(
    directory: string,
    file: FileHandle,
    kept: { hash: Hash; size: number },
    pathOf: (digest: Digest) => string,
    onClose: () => void,
  ) {
    this.#directory = directory;
    this.#file = file;
    this.#hash = kept.hash;
    this.#offset = kept.size;
    this.#written = new WrittenFile(join(directory, "data"), kept.size);
    this.#pathOf = pathOf;
    this.#onClose = onClose;
  }

  /** Opens the ingest directory of `ref` and hashes again what an earlier writer left there. */
  static async open(
    directory: string,
    ref: string,
    pathOf: (digest: Digest) => string,
    onClose: () => void,
  ): Promise<FileBlobWriter> {
    await mkdir(directory, { recursive: true });
    await atomicWrite(join(directory, "ref"), ref);
    const file = await open(join(directory, "data"), "a+");
    try {
      const hash = createHash("sha256");
      let size = 0;
      const kept = await file.stat();
      for await (const chunk of readChunks(file, 0, kept.size)) {
        hash.update(chunk);
        size += chunk.length;
      }
      return new FileBlobWriter(directory, file, { hash, size }, pathOf, onClose);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get offset(): number {
    return this.#offset;
  }

  /** As `ContentStore.follow`. Undefined when what an earlier writer left is part of it, as that may be wrong. */
  follow(options?: CallOptions): AsyncGenerator<Uint8Array> | undefined {
    return this.#written.isFromStart ? this.#written.follow(options?.signal) : undefined;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#assertOpen();
    this.#hash.update(chunk);
    this.#offset += chunk.length;
    if (this.#used === 0 && chunk.length >= writeSize) return await this.#append(chunk);
    // The caller may use its buffer again, so what waits is copied.
    const buffer = this.#roomFor(chunk.length);
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + writeSize - this.#used);
      buffer.set(part, this.#used);
      this.#used += part.length;
      at += part.length;
      if (this.#used === writeSize) await this.#flush();
    }
  }

  async commit(options: CommitOptions = {}): Promise<Descriptor> {
    this.#assertOpen();
    try {
      await this.#flush();
      const digest = await this.#verify(options);
      options.hold?.(digest);
      await this.#file.sync();
      await this.#publish(digest);
      return { mediaType: "application/octet-stream", digest, size: this.#offset };
    } catch (error) {
      if (error instanceof SlipwayError && error.code === "data_loss") await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    await this.#close({ keep: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close({ keep: true });
  }

  #assertOpen(): void {
    if (this.#state !== "open") throw new SlipwayError("internal", "Blob writer is closed");
  }

  async #flush(): Promise<void> {
    const data = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    if (data.length > 0) await this.#append(data);
  }

  /** The buffer, large enough for what waits and `length` more, or whole: most blobs are small documents. */
  #roomFor(length: number): Uint8Array {
    const wanted = Math.min(writeSize, this.#used + length);
    if (this.#buffer.length >= wanted) return this.#buffer;
    const larger = Buffer.allocUnsafeSlow(Math.min(writeSize, Math.max(wanted, this.#buffer.length * 4)));
    larger.set(this.#buffer.subarray(0, this.#used));
    return (this.#buffer = larger);
  }

  async #append(data: Uint8Array): Promise<void> {
    await this.#file.writeFile(data);
    this.#written.grow(data.length);
  }

  async #verify(expected: CommitOptions): Promise<Digest> {
    const own = parseDigest(`sha256:${this.#hash.digest("hex")}`);
    const wanted = expected.digest ?? own;
    if (expected.size !== undefined && expected.size !== this.#offset) {
      throw wrongSize({ digest: wanted, size: expected.size }, String(this.#offset));
    }
    const { algorithm } = splitDigest(wanted);
    const digest = algorithm === "sha256" ? own : await this.#digestAs(algorithm);
    if (digest !== wanted) throw wrongDigest(wanted, splitDigest(digest).hex);
    return digest;
  }

  async #digestAs(algorithm: "sha512"): Promise<Digest> {
    const hash = createHash(algorithm);
    for await (const chunk of readChunks(this.#file, 0, this.#offset)) hash.update(chunk);
    return parseDigest(`${algorithm}:${hash.digest("hex")}`);
  }

  async #publish(digest: Digest): Promise<void> {
    const path = this.#pathOf(digest);
    await mkdir(dirname(path), { recursive: true });
    await rename(join(this.#directory, "data"), path);
    await syncDirectory(dirname(path));
    this.#written.end("whole");
    await this.#close({ keep: false });
  }

  async #close({ keep }: { keep: boolean }): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    try {
      if (keep) await this.#flush();
      await this.#file.close();
      if (!keep || this.#offset === 0) await rm(this.#directory, { recursive: true, force: true });
    } finally {
      this.#written.end("given up");
      this.#onClose();
    }
  }
}
