import { open, type FileHandle } from "node:fs/promises";
import { WorkerPool } from "../../platform/worker.ts";

/** From so many files and directories on, one flush of the file system is cheaper than one for each. */
const manyPaths = 12;

interface Request {
  readonly paths: readonly string[];
  readonly done: PromiseWithResolvers<void>;
}

/**
 * Makes files and directories survive a power cut. What is asked for while a flush runs waits for it and then goes
 * together: a hundred pushes at once cost a few flushes, not thousands.
 */
export class Flusher {
  readonly #root: string;
  readonly #workers = new WorkerPool("src/registry/server/flush-worker.ts");
  #waiting: Request[] = [];
  #running = false;

  /** `root` is on the file system of all that is to be flushed. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Returns when all of `paths`, written before the call, are on the medium. Throws what the file system throws. */
  async flush(paths: readonly string[]): Promise<void> {
    const request = { paths, done: Promise.withResolvers<void>() };
    this.#waiting.push(request);
    if (!this.#running) void this.#work();
    await request.done.promise;
  }

  async #work(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#flushBatch(batch);
    }
    this.#running = false;
  }

  async #flushBatch(batch: readonly Request[]): Promise<void> {
    const paths = new Set(batch.flatMap((request) => request.paths));
    if (paths.size < manyPaths) {
      // Each by itself: what fails for one is no matter of the others.
      await Promise.all(
        batch.map(async ({ paths: own, done }) => await flushEach(own).then(done.resolve, done.reject)),
      );
      return;
    }
    try {
      await this.#workers.run(this.#root);
      for (const { done } of batch) done.resolve();
    } catch (error) {
      for (const { done } of batch) done.reject(error);
    }
  }
}

async function flushEach(paths: readonly string[]): Promise<void> {
  await Promise.all(
    [...new Set(paths)].map(async (path) => {
      await using file = await openIfThere(path);
      await file?.sync();
    }),
  );
}

/** Undefined when somebody has deleted it meanwhile: whoever did flushes that. */
async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
