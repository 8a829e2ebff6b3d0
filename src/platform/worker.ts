/**
 * Work on other threads: a task goes to a worker, with a stream of bytes in and a stream of bytes out. Here because a
 * worker's file is found in one way from source and in another inside the compiled executable. On Node,
 * `node:worker_threads` stands in.
 */
import { SlipwayError } from "../errors.ts";
import { WorkerTask, type TaskOptions } from "./worker-task.ts";
import type { FromWorker } from "./worker-messages.ts";

/** Every file that is run as a worker: `bun build --compile --root .` takes them as further entry points. */
export const workerEntrypoints = [
  "src/layer/layer-worker.ts",
  "src/snapshot/snapshot-worker.ts",
  "src/build/files/files-worker.ts",
  "src/registry/server/flush-worker.ts",
  "src/image/listing/listing-worker.ts",
  "src/platform/gzip-worker.ts",
  "src/network/relay-worker.ts",
] as const;
export type WorkerEntrypoint = (typeof workerEntrypoints)[number];

const IDLE_MS = 3000;

/**
 * Workers of one file, made when needed and ended when idle for three seconds. Each runs one task at a time. Dispose
 * ends them all, also in the middle of a task, which then rejects.
 */
export class WorkerPool implements AsyncDisposable {
  readonly #entrypoint: WorkerEntrypoint;
  readonly #idle: PooledWorker[] = [];
  readonly #all = new Set<PooledWorker>();

  constructor(entrypoint: WorkerEntrypoint) {
    this.#entrypoint = entrypoint;
  }

  /** Runs one task and gives its result. Rejects with the task's error, the input's, or the signal's reason. */
  async run<T>(request: unknown, options: TaskOptions = {}): Promise<T> {
    options.signal?.throwIfAborted();
    const worker = this.#idle.pop() ?? this.#start();
    try {
      return (await worker.run(request, options)) as T;
    } finally {
      if (worker.isDead) this.#all.delete(worker);
      else {
        this.#idle.push(worker);
        worker.rest(() => this.#retire(worker));
      }
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#all) this.#retire(worker);
    return Promise.resolve();
  }

  #start(): PooledWorker {
    const worker = new PooledWorker(workerUrl(this.#entrypoint));
    this.#all.add(worker);
    return worker;
  }

  #retire(worker: PooledWorker): void {
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#all.delete(worker);
    worker.end();
  }
}

/** One thread. While it rests it keeps neither the process alive nor, for long, itself. */
class PooledWorker {
  readonly #worker: Worker;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #task: WorkerTask | undefined;
  isDead = false;

  constructor(url: string) {
    this.#worker = new Worker(url);
    this.#worker.addEventListener("message", (event: MessageEvent<FromWorker>) => {
      this.#task?.receive(event.data);
    });
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.end(`Worker thread failed: ${event.message}`);
    });
  }

  async run(request: unknown, options: TaskOptions): Promise<unknown> {
    clearTimeout(this.#timer);
    this.#worker.ref();
    this.#task = new WorkerTask(options, (message, transfer) => {
      if (!this.isDead) this.#worker.postMessage(message, transfer);
    });
    try {
      return await this.#task.run(request);
    } finally {
      this.#task = undefined;
    }
  }

  rest(retire: () => void): void {
    this.#worker.unref();
    this.#timer = setTimeout(retire, IDLE_MS);
    this.#timer.unref();
  }

  end(why = "Worker thread was ended"): void {
    this.isDead = true;
    clearTimeout(this.#timer);
    this.#worker.terminate();
    this.#task?.fail(new SlipwayError("cancelled", why));
  }
}

/** In the compiled executable the workers stand beside the program under their path, as JavaScript. */
function workerUrl(entrypoint: WorkerEntrypoint): string {
  const isCompiled = import.meta.url.startsWith("file:///$bunfs/");
  if (isCompiled) return `file:///$bunfs/root/${entrypoint.replace(/\.ts$/, ".js")}`;
  return new URL(`../../${entrypoint}`, import.meta.url).href;
}
