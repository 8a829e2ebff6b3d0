import type { ByteStream, CallOptions } from "./call-options.ts";
import type { Descriptor } from "./descriptor.ts";
import type { Digest } from "./digest.ts";

/** An open blob. Iterate it once; dispose it also after a full read (idempotent). `size` is the whole blob's. */
export interface BlobReader extends ByteStream, AsyncDisposable {
  readonly size: number;
  /**
   * Of a whole blob in a file: that file, open until the reader is disposed, for who reads it at a place of its own and
   * verifies what it reads.
   */
  readonly fd?: number;
}

/** Something blobs can be read from. */
export interface Fetcher {
  /**
   * Opens the blob `desc` names, from byte `offset` on. A full read (offset 0) is verified against `desc.digest`:
   * the iteration throws `data_loss` at the end when it differs, so use nothing before the end was reached.
   * Throws `not_found`.
   */
  fetch(desc: Descriptor, options?: FetchOptions): Promise<BlobReader>;
}

export interface FetchOptions extends CallOptions {
  /** bytes; default 0 */
  readonly offset?: number;
  /** The caller has read and verified the whole of it a moment ago: a file is not hashed again. */
  readonly isVerified?: boolean;
}

export interface ContentInfo {
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
  readonly createdAt: Date;
}

/** Blobs by digest. A blob has its final name only when it is whole, verified and flushed. */
export interface ContentStore extends Fetcher {
  /** Throws `not_found`. */
  info(digest: Digest): Promise<ContentInfo>;
  /**
   * Starts, or resumes, the write named `ref`: after a break the writer's `offset` says how many bytes are kept.
   * Throws `conflict` while another writer holds the same ref.
   */
  ingest(ref: string): Promise<BlobWriter>;
  /**
   * Where it is offered: the blob that {@link ingest} is writing from its first byte under the ref `blob/<digest>`, as
   * it arrives. The last bytes come when it is committed. Throws `unavailable` when that write is given up, and the
   * signal's reason. Undefined when there is no such write.
   */
  follow?(digest: Digest, options?: CallOptions): AsyncGenerator<Uint8Array> | undefined;
  list(): AsyncIterable<ContentInfo>;
  /** Idempotent. */
  delete(digest: Digest): Promise<void>;
}

/**
 * One write in progress. Dispose without commit keeps the bytes for a later resume; `abort` drops them. Dispose is
 * idempotent and safe after commit.
 */
export interface BlobWriter extends AsyncDisposable {
  readonly offset: number;
  write(chunk: Uint8Array): Promise<void>;
  abort(): Promise<void>;
  /**
   * Verifies, flushes and renames. Throws `data_loss` when digest or size are not those asked for (the bytes are
   * dropped). A blob that exists already is no error. The descriptor's media type is `application/octet-stream`.
   */
  commit(options?: CommitOptions): Promise<Descriptor>;
}

export interface CommitOptions {
  readonly digest?: Digest;
  /** bytes */
  readonly size?: number;
  readonly hold?: HoldBlob;
}

/** Called with a blob's digest before the blob has its name: a lease that is taken here is never too late. */
export type HoldBlob = (digest: Digest) => void;
