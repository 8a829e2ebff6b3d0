/** One lock per key, first come first served. A key nobody holds costs no memory. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>();

  /** Waits for the lock of `key`; dispose the result to free it. Dispose is idempotent. An abort ends the wait. */
  async lock(key: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Disposable> {
    const before = this.#tails.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tails.set(key, promise);
    const free = (): void => {
      if (this.#tails.get(key) === promise) this.#tails.delete(key);
      resolve();
    };
    try {
      await (signal === undefined || before === undefined ? before : untilAborted(before, signal));
    } catch (error) {
      // Its place in the queue is given up when its turn comes.
      void before?.then(free);
      throw error;
    }
    return { [Symbol.dispose]: free };
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    using _lock = await this.lock(key);
    return await work();
  }
}

async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort);
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
