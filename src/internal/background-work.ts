/** Work that nobody waits for, but the end of the program. */
export class BackgroundWork {
  readonly #running = new Set<Promise<void>>();

  /** Starts `work` at once. What it throws goes to `onError`. */
  run(work: () => Promise<void>, onError: (error: unknown) => void): void {
    const running = work()
      .catch(onError)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when everything that was started by now has ended. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }
}
