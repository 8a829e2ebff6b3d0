import { memoryUsage } from "node:process";

/** A collection may take this part of the time at most. */
const share = 1 / 10;

/**
 * Collects garbage once this thread's buffers have grown by `limit` bytes. JavaScriptCore waits for the double of what is
 * in use, and lets buffers that outlived one small collection lie until a whole one: a stream of a gigabyte, with some
 * ten megabytes in use at a time, leaves over a hundred behind. A collection takes a few milliseconds, and more in a
 * large heap: then they are rarer. Does nothing on Node.
 */
export class BufferGarbage {
  readonly #limit: number;
  #floor = 0;
  /** Not before, in milliseconds of `performance.now()`. */
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** To be called now and then; looking takes ten microseconds. */
  look(): void {
    if (typeof Bun === "undefined") return;
    const { external } = memoryUsage();
    if (external < this.#floor) this.#floor = external;
    if (external < this.#floor + this.#limit || performance.now() < this.#next) return;
    const began = performance.now();
    Bun.gc(true);
    const ended = performance.now();
    this.#next = ended + (ended - began) / share;
    this.#floor = memoryUsage().external;
  }
}
