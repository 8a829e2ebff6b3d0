import { SlipwayError } from "../../errors.ts";
import type { RequestHead } from "./head.ts";
import type { SocketReader } from "./socket-reader.ts";

const maxLine = 4096;

/**
 * The body of a request as it is framed (RFC 9112 sections 6.2 and 7.1). Iterating it once, from any number of
 * iterators, walks the same bytes; `finished` tells that its last byte was read. `onRead` is called before the first
 * byte is waited for (that is when `100 Continue` goes out).
 */
export class RequestBody implements AsyncIterable<Uint8Array> {
  readonly #reader: SocketReader;
  readonly #onRead: () => void;
  readonly #chunks: AsyncGenerator<Uint8Array>;
  #begun = false;
  #finished: boolean;

  constructor(framing: RequestHead["framing"], reader: SocketReader, onRead: () => void) {
    this.#reader = reader;
    this.#onRead = onRead;
    this.#finished = framing.kind === "length" && framing.length === 0;
    this.#chunks = framing.kind === "length" ? this.#fixed(framing.length) : this.#chunked();
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** An early `break` leaves the rest for the next iterator, or for {@link drain}. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next(), return: async () => ({ done: true, value: undefined }) };
  }

  /** Reads and drops what is left, up to `limit` bytes and for `ms` at most; false when more remains. */
  async drain(limit: number, ms: number): Promise<boolean> {
    if (this.#finished) return true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    try {
      return await Promise.race([this.#drop(limit), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #drop(limit: number): Promise<boolean> {
    let seen = 0;
    while (!this.#finished && seen <= limit) {
      const step = await this.#next();
      if (step.done === true) return true;
      seen += step.value.length;
    }
    return this.#finished;
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#begun && !this.#finished) this.#onRead();
    this.#begun = true;
    const step = await this.#chunks.next();
    return step.done === true ? { done: true, value: undefined } : { done: false, value: step.value };
  }

  async *#fixed(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0;) {
      const chunk = await this.#take(left);
      left -= chunk.length;
      if (left === 0) this.#finished = true;
      yield chunk;
    }
  }

  async *#chunked(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const size = parseSize(await this.#line());
      if (size === 0) break;
      for (let left = size; left > 0;) {
        const chunk = await this.#take(left);
        left -= chunk.length;
        yield chunk;
      }
      if ((await this.#line()) !== "") throw badBody("a chunk is longer than its size");
    }
    await this.#skipTrailers();
    this.#finished = true;
  }

  async #skipTrailers(): Promise<void> {
    for (let count = 0; (await this.#line()) !== ""; count++) {
      if (count > 50) throw badBody("too many trailer fields");
    }
  }

  async #take(most: number): Promise<Uint8Array> {
    const chunk = await this.#reader.read();
    if (chunk === undefined) throw badBody("it ends early");
    if (chunk.length <= most) return chunk;
    this.#reader.unread(chunk.subarray(most));
    return chunk.subarray(0, most);
  }

  async #line(): Promise<string> {
    let held: Buffer = Buffer.alloc(0);
    for (;;) {
      const chunk = await this.#reader.read();
      if (chunk === undefined) throw badBody("it ends early");
      held =
        held.length === 0
          ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
          : Buffer.concat([held, chunk]);
      const end = held.indexOf("\r\n");
      if (end > maxLine || (end < 0 && held.length > maxLine)) throw badBody("a chunk header is too long");
      if (end < 0) continue;
      this.#reader.unread(held.subarray(end + 2));
      return held.toString("latin1", 0, end);
    }
  }
}

function parseSize(line: string): number {
  const match = /^([0-9a-fA-F]{1,12})(?:[ \t]*;.*)?$/.exec(line);
  if (match === null) throw badBody("malformed chunk size");
  return Number.parseInt(match[1] ?? "", 16);
}

function badBody(what: string): SlipwayError {
  return new SlipwayError("invalid_argument", `Bad request body: ${what}`);
}
