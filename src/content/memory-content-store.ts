import { createHash } from "node:crypto";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { BlobReader, BlobWriter, CommitOptions, ContentInfo, ContentStore } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { parseDigest, splitDigest, type Digest } from "../oci/digest.ts";
import { verified, wrongDigest, wrongSize } from "./verify.ts";

interface Blob {
  readonly bytes: Uint8Array;
  readonly createdAt: Date;
}

/** Blobs in memory: for tests, and for small things made on the way. */
export class MemoryContentStore implements ContentStore {
  readonly #blobs = new Map<Digest, Blob>();
  readonly #kept = new Map<string, Uint8Array>();
  readonly #held = new Set<string>();

  async info(digest: Digest): Promise<ContentInfo> {
    const { bytes, createdAt } = this.#get(digest);
    return { digest, size: bytes.length, createdAt };
  }

  async fetch(desc: Descriptor, options?: CallOptions & { offset?: number }): Promise<BlobReader> {
    const { bytes } = this.#get(desc.digest);
    if (bytes.length !== desc.size) throw wrongSize(desc, String(bytes.length));
    const offset = options?.offset ?? 0;
    const chunks = chunked(bytes.subarray(offset), options?.signal);
    const stream = offset === 0 ? verified(chunks, desc) : chunks;
    return {
      size: bytes.length,
      [Symbol.asyncIterator]: () => stream,
      [Symbol.asyncDispose]: async () => void (await stream.return(undefined)),
    };
  }

  async ingest(ref: string): Promise<BlobWriter> {
    if (this.#held.has(ref)) throw new SlipwayError("conflict", `Content "${ref}" is being written already`);
    this.#held.add(ref);
    return this.#writer(ref);
  }

  async *list(): AsyncIterable<ContentInfo> {
    for (const digest of this.#blobs.keys()) yield await this.info(digest);
  }

  async delete(digest: Digest): Promise<void> {
    this.#blobs.delete(parseDigest(digest));
  }

  /** Puts wrong bytes under the digest, for tests of what happens then. */
  corrupt(digest: Digest, change: (bytes: Uint8Array) => Uint8Array): void {
    const blob = this.#get(digest);
    this.#blobs.set(digest, { ...blob, bytes: change(blob.bytes.slice()) });
  }

  #get(digest: Digest): Blob {
    const blob = this.#blobs.get(parseDigest(digest));
    if (blob === undefined) throw new SlipwayError("not_found", `Blob "${digest}" not found`);
    return blob;
  }

  #writer(ref: string): BlobWriter {
    const start = this.#kept.get(ref);
    const chunks: Uint8Array[] = start === undefined ? [] : [start];
    let offset = start?.length ?? 0;
    let open = true;
    const end = (keep: boolean): void => {
      if (!open) return;
      open = false;
      this.#held.delete(ref);
      if (keep && offset > 0) this.#kept.set(ref, Buffer.concat(chunks));
      else this.#kept.delete(ref);
    };
    return {
      get offset() {
        return offset;
      },
      write: async (chunk) => {
        if (!open) throw new SlipwayError("internal", `Write of "${ref}" is closed`);
        chunks.push(new Uint8Array(chunk));
        offset += chunk.length;
      },
      commit: async (expected) => {
        if (!open) throw new SlipwayError("internal", `Write of "${ref}" is closed`);
        end(false);
        return this.#add(Buffer.concat(chunks), expected);
      },
      abort: async () => end(false),
      [Symbol.asyncDispose]: async () => end(true),
    };
  }

  #add(bytes: Uint8Array, expected?: CommitOptions): Descriptor {
    const algorithm = expected?.digest === undefined ? "sha256" : splitDigest(expected.digest).algorithm;
    const hex = createHash(algorithm).update(bytes).digest("hex");
    const digest = parseDigest(`${algorithm}:${hex}`);
    const size = expected?.size ?? bytes.length;
    if (size !== bytes.length) {
      throw wrongSize({ digest: expected?.digest ?? digest, size }, String(bytes.length));
    }
    if (expected?.digest !== undefined && expected.digest !== digest) throw wrongDigest(expected.digest, hex);
    expected?.hold?.(digest);
    if (!this.#blobs.has(digest)) this.#blobs.set(digest, { bytes, createdAt: new Date() });
    return { mediaType: "application/octet-stream", digest, size };
  }
}

async function* chunked(bytes: Uint8Array, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const step = 256 * 1024;
  for (let at = 0; at < bytes.length; at += step) {
    signal?.throwIfAborted();
    yield bytes.slice(at, at + step);
  }
}
