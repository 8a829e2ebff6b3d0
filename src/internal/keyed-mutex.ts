/** One lock per key, first come first served. A key nobody holds costs no memory. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>();

  /** Waits for the lock of `key`; dispose the result to free it. Dispose is idempotent. */
  async lock(key: string): Promise<Disposable> {
    const before = this.#tails.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tails.set(key, promise);
    await before;
    return {
      [Symbol.dispose]: () => {
        if (this.#tails.get(key) === promise) this.#tails.delete(key);
        resolve();
      },
    };
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    using _lock = await this.lock(key);
    return await work();
  }
}
