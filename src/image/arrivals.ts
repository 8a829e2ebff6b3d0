import type { CallOptions } from "../oci/call-options.ts";
import type { BlobReader, Fetcher } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageStore } from "./image-store.ts";

interface Arrival {
  isHere: boolean;
  /** Something moved, or it is here. */
  news: PromiseWithResolvers<void>;
}

/**
 * Blobs on their way into a store: reading one follows it while it arrives, or waits until it is there. Reads are not
 * verified before they end: their last bytes come when the store has verified them.
 */
export class Arrivals implements Fetcher {
  readonly #from: Pick<ImageStore, "fetch" | "follow">;
  readonly #signal: AbortSignal;
  readonly #arrivals = new Map<Digest, Arrival>();
  #all = false;

  /** `signal` says that the blobs will not come. */
  constructor(from: Pick<ImageStore, "fetch" | "follow">, signal: AbortSignal) {
    this.#from = from;
    this.#signal = signal;
  }

  /** Bytes of the blob may have come. */
  moved(digest: Digest): void {
    const arrival = this.#of(digest);
    arrival.news.resolve();
    arrival.news = Promise.withResolvers();
  }

  /** The blob is here. */
  add(digest: Digest): void {
    this.#of(digest).isHere = true;
    this.moved(digest);
  }

  /** Nothing is to come any more. */
  addAll(): void {
    this.#all = true;
    for (const digest of this.#arrivals.keys()) this.moved(digest);
  }

  async fetch(desc: Descriptor, options?: CallOptions & { offset?: number }): Promise<BlobReader> {
    const arrival = this.#of(desc.digest);
    while (!arrival.isHere && !this.#all) {
      const followed = options?.offset ? undefined : this.#from.follow(desc.digest, { signal: this.#signal });
      if (followed !== undefined) return readerOf(desc, this.#toTheEnd(desc, followed));
      await this.#next(arrival);
    }
    return await this.#from.fetch(desc, options);
  }

  /** Should the write that is followed be given up, somebody else's will bring the rest, or all of it fails. */
  async *#toTheEnd(desc: Descriptor, followed: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    let offset = 0;
    try {
      for await (const chunk of followed) {
        yield chunk;
        offset += chunk.length;
      }
      return;
    } catch {
      const arrival = this.#of(desc.digest);
      while (!arrival.isHere && !this.#all) await this.#next(arrival);
    }
    await using rest = await this.#from.fetch(desc, { offset, signal: this.#signal });
    yield* rest;
  }

  async #next({ news }: Arrival): Promise<void> {
    const stopped = Promise.withResolvers<never>();
    const onAbort = (): void => stopped.reject(this.#signal.reason);
    this.#signal.addEventListener("abort", onAbort);
    try {
      this.#signal.throwIfAborted();
      await Promise.race([news.promise, stopped.promise]);
    } finally {
      this.#signal.removeEventListener("abort", onAbort);
    }
  }

  #of(digest: Digest): Arrival {
    const known = this.#arrivals.get(digest);
    if (known !== undefined) return known;
    const made = { isHere: false, news: Promise.withResolvers<void>() };
    this.#arrivals.set(digest, made);
    return made;
  }
}

function readerOf(desc: Descriptor, stream: AsyncGenerator<Uint8Array>): BlobReader {
  return {
    size: desc.size,
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => void (await stream.return(undefined)),
  };
}
