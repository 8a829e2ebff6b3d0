import { WorkerPool } from "../platform/worker.ts";
import { copyDirectory } from "./copy-directory.ts";
import type { CopyRequest, SnapshotRequest } from "./snapshot-tasks.ts";

/** Copies directories on worker threads. Dispose ends the threads. */
export class TreeCopier implements AsyncDisposable {
  readonly #workers = new WorkerPool("src/snapshot/snapshot-worker.ts");

  /**
   * All that is in the directory `from` into the empty directory `to`, with every attribute. No link is followed. `still`: nobody
   * writes to `from` meanwhile, so that several threads may copy.
   */
  async copy(from: string, to: string, { still = false } = {}): Promise<void> {
    const request = { directory: from, to, overlayMarks: false };
    if (still) await copyDirectory(this.#workers, request);
    else await this.#workers.run({ ...request, op: "copy" } satisfies CopyRequest);
  }

  /** All that was written to the file system of `directory` is on its disk afterwards. */
  async flush(directory: string): Promise<void> {
    await this.#workers.run({ op: "flush", directory } satisfies SnapshotRequest);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workers[Symbol.asyncDispose]();
  }
}
