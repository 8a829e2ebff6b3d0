import { availableParallelism } from "node:os";
import { gzip, type GzipRequest } from "../platform/gzip.ts";
import { Limiter } from "./limiter.ts";
import { WorkerPool } from "../platform/worker.ts";

/** Input bytes of one member: large enough to cost no compression, small enough to hold a few. */
const memberSize = 1024 * 1024;
/** What is smaller is compressed before another thread would have woken up. */
const smallSize = 32 * 1024;
/** As small as zlib's default makes it. */
const level = 5;

/**
 * Compresses into gzip members (RFC 1952, 2.2: a gzip file is any number of them) that are made side by side on other
 * threads and come out in order. The same bytes always give the same output, whatever the chunks and the threads.
 * Dispose ends the threads; they also end by themselves when they are not used.
 */
export class ParallelGzip implements AsyncDisposable {
  /** Names what decides the bytes. */
  static readonly recipe: string = `members of ${memberSize} bytes at level ${level}`;
  readonly #workers = new WorkerPool("src/platform/gzip-worker.ts");
  readonly #width: number;
  /** Of all streams together: a thread more than there are processors costs memory and wins nothing. */
  readonly #turns: Limiter;

  /** `width` members of a stream are compressed at a time. Default: as many as there are processors. */
  constructor(width = availableParallelism()) {
    this.#width = width;
    this.#turns = new Limiter(width);
  }

  async *compress(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const running: Promise<Uint8Array>[] = [];
    let members = 0;
    try {
      for await (const member of slices(stream)) {
        members += 1;
        running.push(this.#member(member));
        if (running.length > this.#width) yield (await running.shift()) ?? new Uint8Array();
      }
      if (members === 0) running.push(this.#member(new Uint8Array()));
      for (let next = running.shift(); next !== undefined; next = running.shift()) yield await next;
    } finally {
      await Promise.allSettled(running);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workers[Symbol.asyncDispose]();
  }

  /** Gives the buffer of `bytes` away. */
  async #member(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    if (bytes.length < smallSize) return gzip(bytes, level);
    let compressed = new Uint8Array();
    const request: GzipRequest = { bytes, level };
    await this.#turns.run(() =>
      this.#workers.run(request, {
        transfer: [bytes.buffer],
        onOutput: (chunk) => void (compressed = chunk as Uint8Array<ArrayBuffer>),
      }),
    );
    return compressed;
  }
}

/** The same bytes in pieces of `memberSize`, the last may be smaller, each with a buffer of its own. */
async function* slices(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let buffer = new Uint8Array(memberSize);
  let used = 0;
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + memberSize - used);
      buffer.set(part, used);
      used += part.length;
      at += part.length;
      if (used < memberSize) continue;
      yield buffer;
      buffer = new Uint8Array(memberSize);
      used = 0;
    }
  }
  if (used > 0) yield buffer.subarray(0, used);
}
