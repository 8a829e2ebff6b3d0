import { memoryUsage } from "node:process";

/**
 * Collects garbage once this thread's buffers have grown by `limit` bytes. JavaScriptCore waits for the double of what is
 * in use, and lets buffers that outlived one small collection lie until a whole one: a stream of a gigabyte, with some
 * ten megabytes in use at a time, leaves over a hundred behind. A collection takes some three milliseconds. Does nothing
 * on Node.
 */
export class BufferGarbage {
  readonly #limit: number;
  #floor = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** To be called now and then; looking takes ten microseconds. */
  look(): void {
    if (typeof Bun === "undefined") return;
    const { external } = memoryUsage();
    if (external < this.#floor) this.#floor = external;
    if (external < this.#floor + this.#limit) return;
    Bun.gc(true);
    this.#floor = memoryUsage().external;
  }
}
