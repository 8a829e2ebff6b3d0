export interface PeriodicOptions {
  readonly everyMs: number;
  /** Wait before the first time. Default `everyMs`. */
  readonly firstMs?: number;
  work(signal: AbortSignal): Promise<void>;
  onError(error: unknown): void;
}

/** Work done again and again, never twice at a time. Dispose aborts it and waits for it to end (idempotent). */
export class Periodic implements AsyncDisposable {
  readonly #options: PeriodicOptions;
  readonly #stop = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;

  constructor(options: PeriodicOptions) {
    this.#options = options;
    this.#arm(options.firstMs ?? options.everyMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  #arm(ms: number): void {
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => (this.#running = this.#once()), ms);
    this.#timer.unref();
  }

  async #once(): Promise<void> {
    const { signal } = this.#stop;
    try {
      await this.#options.work(signal);
    } catch (error) {
      if (!signal.aborted) this.#options.onError(error);
    }
    this.#arm(this.#options.everyMs);
  }
}
