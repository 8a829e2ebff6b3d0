import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { open, mkdir, readdir, readFile, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { BlobReader, BlobWriter, ContentInfo, ContentStore, FetchOptions } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isDigest, parseDigest, splitDigest, type Digest } from "../oci/digest.ts";
import { FileBlobWriter } from "./file-blob-writer.ts";
import { readChunks } from "./read-chunks.ts";
import { verified, wrongSize } from "./verify.ts";
import { once } from "./write-blob.ts";

/** Bytes: manifests, configs, and layers of a few files are smaller. */
const smallSize = 64 * 1024;

/**
 * Blobs as files: `<directory>/blobs/<algorithm>/<hex>`, writes in progress in `<directory>/ingest/<hash of the
 * ref>/`. One process owns the directory. A crash leaves whole blobs and resumable ingests, nothing else.
 */
export class FileContentStore implements ContentStore {
  readonly #blobs: string;
  readonly #ingests: string;
  /** By ref; undefined while one is opened. */
  readonly #held = new Map<string, FileBlobWriter | undefined>();

  private constructor(directory: string) {
    this.#blobs = join(directory, "blobs");
    this.#ingests = join(directory, "ingest");
  }

  /** Makes the directories that are missing; `directory` itself for its owner alone. */
  static async open(directory: string): Promise<FileContentStore> {
    const store = new FileContentStore(directory);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await mkdir(join(store.#blobs, "sha256"), { recursive: true });
    await mkdir(store.#ingests, { recursive: true });
    return store;
  }

  async info(digest: Digest): Promise<ContentInfo> {
    try {
      const { size, mtime } = statSync(this.#pathOf(digest));
      return { digest, size, createdAt: mtime };
    } catch (error) {
      throw notFound(digest, error);
    }
  }

  async fetch(desc: Descriptor, options?: FetchOptions): Promise<BlobReader> {
    options?.signal?.throwIfAborted();
    if (desc.size <= smallSize) return this.#fetchSmall(desc, options?.offset ?? 0);
    const file = await this.#open(desc.digest);
    try {
      const { size } = await file.stat();
      if (size !== desc.size) throw wrongSize(desc, String(size));
      return blobReader(file, desc, options);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async ingest(ref: string): Promise<BlobWriter> {
    if (this.#held.has(ref)) throw new SlipwayError("conflict", `Content "${ref}" is being written already`);
    this.#held.set(ref, undefined);
    const release = () => void this.#held.delete(ref);
    try {
      const writer = await FileBlobWriter.open(
        this.#ingestDirectory(ref),
        ref,
        (digest) => this.#pathOf(digest),
        release,
      );
      this.#held.set(ref, writer);
      return writer;
    } catch (error) {
      release();
      throw error;
    }
  }

  follow(digest: Digest, options?: CallOptions): AsyncGenerator<Uint8Array> | undefined {
    return this.#held.get(`blob/${digest}`)?.follow(options);
  }

  async *list(): AsyncIterable<ContentInfo> {
    for (const algorithm of await readdir(this.#blobs)) {
      for (const hex of await readdir(join(this.#blobs, algorithm)).catch(() => [])) {
        const digest = `${algorithm}:${hex}`;
        if (!isDigest(digest)) continue;
        const info = await this.info(digest).catch(() => undefined);
        if (info !== undefined) yield info;
      }
    }
  }

  /** Paths of what lies among the blobs and is none: nothing of ours makes such a thing. */
  async *strays(): AsyncIterable<string> {
    for (const algorithm of await readdir(this.#blobs)) {
      const names = await readdir(join(this.#blobs, algorithm)).catch(() => undefined);
      if (names === undefined) yield join(this.#blobs, algorithm);
      for (const hex of names ?? []) {
        if (!isDigest(`${algorithm}:${hex}`)) yield join(this.#blobs, algorithm, hex);
      }
    }
  }

  async delete(digest: Digest): Promise<void> {
    // At once: who looked a moment ago whether somebody holds the blob must not take one that is held by now.
    rmSync(this.#pathOf(digest), { force: true });
  }

  /**
   * Removes writes in progress that nobody holds, but for those that `keep` says will be resumed. Returns how many
   * went.
   */
  async dropIngests(keep: (ingest: { ref: string; changedAt: Date }) => boolean): Promise<number> {
    let dropped = 0;
    for (const name of await readdir(this.#ingests)) {
      const directory = join(this.#ingests, name);
      const ref = await readFile(join(directory, "ref"), "utf8").catch(() => undefined);
      if (ref !== undefined && this.#held.has(ref)) continue;
      const data = await stat(join(directory, "data")).catch(() => undefined);
      if (ref !== undefined && data !== undefined && keep({ ref, changedAt: data.mtime })) continue;
      await rm(directory, { recursive: true, force: true });
      dropped += 1;
    }
    return dropped;
  }

  /** `parseDigest` keeps everything but hex out of the path. */
  #pathOf(digest: Digest): string {
    const { algorithm, hex } = splitDigest(parseDigest(digest));
    return join(this.#blobs, algorithm, hex);
  }

  /** In one go: the calls take a tenth of the time of four turns through the thread pool. */
  #fetchSmall(desc: Descriptor, offset: number): BlobReader {
    let fd: number;
    try {
      fd = openSync(this.#pathOf(desc.digest), "r");
    } catch (error) {
      throw notFound(desc.digest, error);
    }
    try {
      const { size } = fstatSync(fd);
      if (size !== desc.size) throw wrongSize(desc, String(size));
      const bytes = Buffer.allocUnsafeSlow(size);
      const count = readSync(fd, bytes, 0, size, 0);
      return memoryReader(bytes.subarray(0, count), desc, offset);
    } finally {
      closeSync(fd);
    }
  }

  #ingestDirectory(ref: string): string {
    return join(this.#ingests, createHash("sha256").update(ref).digest("hex"));
  }

  async #open(digest: Digest): Promise<FileHandle> {
    try {
      return await open(this.#pathOf(digest), "r");
    } catch (error) {
      throw notFound(digest, error);
    }
  }
}

function blobReader(file: FileHandle, desc: Descriptor, options?: FetchOptions): BlobReader {
  const offset = options?.offset ?? 0;
  const chunks = readChunks(file, offset, desc.size, options?.signal);
  const isWhole = offset === 0 && options?.isVerified !== true;
  const stream = isWhole ? verified(chunks, desc) : chunks;
  let closed = false;
  return {
    size: desc.size,
    ...(offset === 0 && { fd: file.fd }),
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => {
      if (closed) return;
      closed = true;
      await stream.return(undefined);
      await file.close();
    },
  };
}

function memoryReader(bytes: Uint8Array, desc: Descriptor, offset: number): BlobReader {
  const stream = offset === 0 ? verified(once(bytes), desc) : once(bytes.subarray(offset));
  return {
    size: desc.size,
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => void (await stream.return(undefined)),
  };
}

function notFound(digest: Digest, error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") return error;
  return new SlipwayError("not_found", `Blob "${digest}" not found`, { cause: error });
}
