import { WorkerPool } from "../platform/worker.ts";
import type { CopyRequest, SnapshotRequest } from "./snapshot-tasks.ts";

/** Copies directories on worker threads. Dispose ends the threads. */
export class TreeCopier implements AsyncDisposable {
  readonly #workers = new WorkerPool("src/snapshot/snapshot-worker.ts");

  /** All that is in the directory `from` into the empty directory `to`, with every attribute. No link is followed. */
  async copy(from: string, to: string): Promise<void> {
    const request: CopyRequest = { op: "copy", directory: from, to, overlayMarks: false };
    await this.#workers.run(request);
  }

  /** All that was written to the file system of `directory` is on its disk afterwards. */
  async flush(directory: string): Promise<void> {
    await this.#workers.run({ op: "flush", directory } satisfies SnapshotRequest);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workers[Symbol.asyncDispose]();
  }
}
