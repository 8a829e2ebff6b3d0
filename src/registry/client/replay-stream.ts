import { SlipwayError } from "../../errors.ts";
import type { ByteStream } from "../../oci/call-options.ts";

/**
 * A stream that can be taken up again a little before where it stopped: the last `window` bytes are kept, as a
 * broken upload has lost at most what was under way.
 */
export class ReplayStream implements AsyncDisposable {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #window: number;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  /** Bytes taken from the source so far. */
  #taken = 0;
  #ended = false;

  constructor(source: ByteStream, window: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#window = window;
  }

  /** Bytes from `offset` to the end. Throws `unavailable` when `offset` is older than what is kept. */
  async *from(offset: number): ByteStream {
    let at = offset;
    if (at < this.#taken - this.#keptBytes || at > this.#taken)
      throw new SlipwayError("unavailable", `Cannot resume the upload at byte ${offset}`);
    for (;;) {
      for (const chunk of this.#keptFrom(at)) {
        at += chunk.length;
        yield chunk;
      }
      if (at === this.#taken && !(await this.#pull())) return;
    }
  }

  /** Ends the source. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#source.return?.();
  }

  #keptFrom(at: number): Uint8Array[] {
    let start = this.#taken - this.#keptBytes;
    const found: Uint8Array[] = [];
    for (const chunk of this.#kept) {
      const skip = Math.max(0, at - start);
      if (skip < chunk.length) found.push(chunk.subarray(skip));
      start += chunk.length;
    }
    return found;
  }

  async #pull(): Promise<boolean> {
    if (this.#ended) return false;
    const next = await this.#source.next();
    if (next.done === true) {
      this.#ended = true;
      return false;
    }
    this.#kept.push(next.value);
    this.#keptBytes += next.value.length;
    this.#taken += next.value.length;
    while (this.#keptBytes - (this.#kept[0]?.length ?? 0) >= this.#window)
      this.#keptBytes -= this.#kept.shift()?.length ?? 0;
    return true;
  }
}
