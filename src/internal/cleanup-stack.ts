/**
 * Undo steps of work that takes several: each step that succeeds pushes how to undo it. Unless
 * {@link release} is called, disposing runs them last-in first-out. One failing step does not stop the others;
 * the first failure is thrown at the end. Dispose is idempotent.
 */
export class CleanupStack implements AsyncDisposable {
  #steps: (() => unknown)[] = [];

  push(undo: () => unknown): void {
    this.#steps.push(undo);
  }

  /** The work is whole: nothing is to be undone any more. */
  release(): void {
    this.#steps = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let undo = this.#steps.pop(); undo !== undefined; undo = this.#steps.pop()) {
      try {
        await undo();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
