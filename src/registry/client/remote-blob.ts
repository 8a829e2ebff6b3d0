import { createHash } from "node:crypto";
import { SlipwayError } from "../../errors.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import type { BlobReader } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { splitDigest } from "../../oci/digest.ts";
import type { Exchange } from "./http-client.ts";
import type { RetryConfig } from "./registry-config.ts";
import { parallelRanges } from "./parallel-ranges.ts";
import { pause, retryDelay, TransientError } from "./retry.ts";

const pieceBytes = 8 << 20;

export interface RemoteBlobOptions {
  readonly descriptor: Descriptor;
  /** First byte wanted. */
  readonly offset: number;
  readonly retry: RetryConfig;
  readonly signal?: AbortSignal | undefined;
  /** How many ranges of a large blob may be fetched at once. Default 1. */
  readonly connections?: number | undefined;
  /** Asks for the bytes from `offset` to `end` (exclusive) or to the last. Throws as `Transport.send` does. */
  open(offset: number, end?: number): Promise<Exchange>;
}

/**
 * A blob as it arrives. A connection that breaks is opened again at the byte where it broke. A read from offset 0 is
 * verified against the digest, every read against the size; both throw `data_loss`.
 */
export class RemoteBlob implements BlobReader {
  readonly #options: RemoteBlobOptions;
  readonly size: number;
  /** The first one, until it is read. */
  #exchange: Exchange | undefined;
  readonly #open = new Set<Exchange>();
  #closed = false;

  private constructor(options: RemoteBlobOptions, first: Exchange) {
    this.#options = options;
    this.#exchange = first;
    this.size = options.descriptor.size;
  }

  /** Opens the connection, so that a blob that is not there throws here and not while it is read. */
  static async open(options: RemoteBlobOptions): Promise<RemoteBlob> {
    const { offset } = options;
    const end = isLarge(options) ? offset + pieceBytes : undefined;
    return new RemoteBlob(options, await options.open(offset, end));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const { descriptor, offset } = this.#options;
    const { algorithm, hex } = splitDigest(descriptor.digest);
    const hash = offset === 0 ? createHash(algorithm) : undefined;
    let at = offset;
    for await (const chunk of this.#all()) {
      at += chunk.length;
      if (at > this.size) throw corrupt(descriptor, `more than ${this.size} bytes came`);
      hash?.update(chunk);
      yield chunk;
    }
    if (at < this.size) throw corrupt(descriptor, `${at} bytes came, ${this.size} were promised`);
    if (hash !== undefined && hash.digest("hex") !== hex)
      throw corrupt(descriptor, "its bytes have another digest");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#exchange?.[Symbol.dispose]();
    this.#exchange = undefined;
    for (const exchange of this.#open) exchange[Symbol.dispose]();
  }

  /** By several ranges at once where the blob is large and the server knows ranges. */
  #all(): ByteStream {
    const { offset, connections = 1 } = this.#options;
    const first = this.#exchange;
    this.#exchange = undefined;
    if (!isLarge(this.#options) || first?.response.status !== 206)
      return this.#range(offset, this.size, first);
    const range = (start: number, end: number): ByteStream =>
      this.#range(start, end, start === offset ? first : undefined);
    return parallelRanges({ start: offset, end: this.size, pieceBytes, connections, range });
  }

  /** The bytes `start` to `end`, over as many connections as it takes. Progress renews the right to try again. */
  async *#range(start: number, end: number, first: Exchange | undefined): ByteStream {
    let exchange = first;
    let at = start;
    for (let failures = 0; ;) {
      try {
        exchange ??= await this.#options.open(at, end < this.size ? end : undefined);
        this.#open.add(exchange);
        for await (const chunk of bodyFrom(exchange, at)) {
          // A server may send more than the range; more than the blob is for the reader to find.
          const part = end < this.size ? chunk.subarray(0, end - at) : chunk;
          at += part.length;
          failures = 0;
          yield part;
          if (end < this.size && at === end) return;
        }
        if (at >= end) return;
        throw new TransientError(`${exchange.url.host} closed the connection early`);
      } catch (error) {
        failures += 1;
        const wait = at >= end || this.#closed ? undefined : retryDelay(error, failures, this.#options.retry);
        if (wait === undefined) throw error;
        await pause(wait, this.#options.signal);
      } finally {
        if (exchange !== undefined) this.#open.delete(exchange);
        exchange?.[Symbol.dispose]();
        exchange = undefined;
      }
    }
  }
}

function isLarge({ connections = 1, descriptor, offset }: RemoteBlobOptions): boolean {
  return connections > 1 && descriptor.size - offset >= 2 * pieceBytes;
}

/** The body from byte `offset` on, also when the server sent the whole instead of the range. */
async function* bodyFrom(exchange: Exchange, offset: number): ByteStream {
  let skip = offset - firstByte(exchange.response, offset);
  if (skip < 0)
    throw new SlipwayError("unavailable", `${exchange.url.host} sent another range than asked for`);
  for await (const chunk of exchange.body()) {
    const rest = skip === 0 ? chunk : chunk.subarray(skip);
    skip -= chunk.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}

function firstByte(response: Response, asked: number): number {
  if (response.status !== 206) return 0;
  const start = /^bytes (\d{1,15})-/.exec(response.headers.get("content-range") ?? "")?.[1];
  return start === undefined ? asked : Number(start);
}

function corrupt({ digest }: Descriptor, why: string): SlipwayError {
  return new SlipwayError("data_loss", `Blob "${digest}" is corrupt: ${why}`);
}
