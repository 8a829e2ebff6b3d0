/**
 * Turns calls into a stream: each `put` waits until the reader has taken its value and asked for the next one. For one
 * reader. When the reader leaves early, waiting and later puts throw.
 */
export class Handoff<T> implements AsyncIterable<T> {
  #value: { readonly value: T } | undefined;
  #end: { readonly error?: unknown } | undefined;
  #left = false;
  #wakeReader: () => void = () => {};
  #wakeWriter: () => void = () => {};

  async put(value: T): Promise<void> {
    if (this.#left) throw new Error("Nobody reads this stream any more");
    this.#value = { value };
    this.#wakeReader();
    await new Promise<void>((resolve) => (this.#wakeWriter = resolve));
    if (this.#left) throw new Error("Nobody reads this stream any more");
  }

  /** The stream ends here; with an error, the reader gets it thrown. */
  end(failure?: { readonly error: unknown }): void {
    this.#end ??= failure ?? {};
    this.#wakeReader();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        const taken = this.#value;
        this.#value = undefined;
        if (taken !== undefined) {
          yield taken.value;
          this.#wakeWriter();
        } else if (this.#end !== undefined) {
          if ("error" in this.#end) throw this.#end.error;
          return;
        } else {
          await new Promise<void>((resolve) => (this.#wakeReader = resolve));
        }
      }
    } finally {
      this.#left = true;
      this.#wakeWriter();
    }
  }
}
