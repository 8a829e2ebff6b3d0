import { SlipwayError } from "../../errors.ts";

/**
 * Aborts {@link signal} when nothing has moved for a while: call {@link touch} at each sign of life. Follows the
 * caller's own signal. Dispose when the exchange is over (idempotent).
 */
export class StallGuard implements Disposable {
  readonly #host: string;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #follow = (): void => this.#controller.abort(this.#outer?.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #limit: number;
  #last = 0;

  constructor(host: string, limitMs: number, outer?: AbortSignal) {
    this.#host = host;
    this.#limit = limitMs;
    this.#outer = outer;
    if (outer?.aborted === true) this.#follow();
    outer?.addEventListener("abort", this.#follow, { once: true });
    this.touch();
    this.#arm(limitMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something moved. With `limitMs`, the next wait may be that long. */
  touch(limitMs = this.#limit): void {
    this.#last = performance.now();
    this.#limit = limitMs;
  }

  /** Ends the exchange without an error of its own. */
  abort(): void {
    this.#controller.abort(new SlipwayError("cancelled", "The transfer was closed"));
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#follow);
  }

  /** One timer that looks now and then costs less than one reset by every chunk. */
  #arm(delay: number): void {
    this.#timer = setTimeout(() => {
      const left = this.#last + this.#limit - performance.now();
      if (left > 0) return this.#arm(left);
      const message = `${this.#host} stalled: nothing moved for ${this.#limit / 1000} s`;
      this.#controller.abort(new SlipwayError("deadline_exceeded", message));
    }, delay);
    this.#timer.unref?.();
  }
}
