/** When to look again after a change, in milliseconds after one another: 13 in all. */
const looks = [1, 2, 4, 6];

/**
 * Remembers a ring until somebody hears it. Bun's `fs.watch` swallows a change that comes within 10 ms of the one
 * before, so each change, and each read that found bytes, is followed by a few more rings.
 */
export class Bell implements Disposable {
  #rang = false;
  #hear: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  ring(): void {
    this.#rang = true;
    this.#hear?.();
  }

  /** Rings until no change can have been swallowed any more. */
  ringOn(step = 0): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.ring();
      if (step + 1 < looks.length) this.ringOn(step + 1);
    }, looks[step]);
  }

  async rung(): Promise<void> {
    if (!this.#rang) await new Promise<void>((resolve) => (this.#hear = resolve));
    this.#rang = false;
    this.#hear = undefined;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
