import { createHash } from "node:crypto";
import { SlipwayError } from "../../errors.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import type { BlobReader } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { splitDigest } from "../../oci/digest.ts";
import type { Exchange } from "./http-client.ts";
import type { RetryConfig } from "./registry-config.ts";
import { pause, retryDelay, TransientError } from "./retry.ts";

export interface RemoteBlobOptions {
  readonly descriptor: Descriptor;
  /** First byte wanted. */
  readonly offset: number;
  readonly retry: RetryConfig;
  readonly signal?: AbortSignal | undefined;
  /** Asks for the bytes from `offset` on. Throws as `Transport.send` does. */
  open(offset: number): Promise<Exchange>;
}

/**
 * A blob as it arrives. A connection that breaks is opened again at the byte where it broke. A read from offset 0 is
 * verified against the digest, every read against the size; both throw `data_loss`.
 */
export class RemoteBlob implements BlobReader {
  readonly #options: RemoteBlobOptions;
  readonly size: number;
  #exchange: Exchange | undefined;

  private constructor(options: RemoteBlobOptions, first: Exchange) {
    this.#options = options;
    this.#exchange = first;
    this.size = options.descriptor.size;
  }

  /** Opens the connection, so that a blob that is not there throws here and not while it is read. */
  static async open(options: RemoteBlobOptions): Promise<RemoteBlob> {
    return new RemoteBlob(options, await options.open(options.offset));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const { descriptor, offset } = this.#options;
    const { algorithm, hex } = splitDigest(descriptor.digest);
    const hash = offset === 0 ? createHash(algorithm) : undefined;
    let at = offset;
    for await (const chunk of this.#chunks()) {
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
    this.#exchange?.[Symbol.dispose]();
    this.#exchange = undefined;
  }

  /** The bytes, over as many connections as it takes. Progress renews the right to try again. */
  async *#chunks(): ByteStream {
    let at = this.#options.offset;
    for (let failures = 0; ;) {
      try {
        this.#exchange ??= await this.#options.open(at);
        for await (const chunk of bodyFrom(this.#exchange, at)) {
          at += chunk.length;
          failures = 0;
          yield chunk;
        }
        if (at >= this.size) return;
        throw new TransientError(`${this.#exchange.url.host} closed the connection early`);
      } catch (error) {
        failures += 1;
        await this[Symbol.asyncDispose]();
        const wait = at >= this.size ? undefined : retryDelay(error, failures, this.#options.retry);
        if (wait === undefined) throw error;
        await pause(wait, this.#options.signal);
      }
    }
  }
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
