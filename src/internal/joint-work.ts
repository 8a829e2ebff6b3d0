interface Waiting<T> {
  readonly item: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How {@link JointWork} does its work. */
export interface Ways<T> {
  /** Does all of it in one go. May fail half-way. */
  readonly together: (items: readonly T[]) => Promise<void>;
  /** Does one item, of which a failed `together` may have done a part or all. */
  readonly alone: (item: T) => Promise<void>;
}

/**
 * Work for a program that is dear to start: what is asked for while one run is under way goes together in the next.
 * When that fails, each item is done by itself, so that only those fail which cannot be done.
 */
export class JointWork<T> {
  readonly #ways: Ways<T>;
  #waiting: Waiting<T>[] = [];
  #busy = false;

  constructor(ways: Ways<T>) {
    this.#ways = ways;
  }

  /** Resolves when the item is done, in the order of the calls. Rejects with the error of that item alone. */
  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#do(batch);
    }
    this.#busy = false;
  }

  async #do(batch: readonly Waiting<T>[]): Promise<void> {
    try {
      await this.#ways.together(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const { item, resolve, reject } of batch) await this.#ways.alone(item).then(resolve, reject);
    }
  }
}
