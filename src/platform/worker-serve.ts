/** The worker's side of `worker.ts`. Imported by worker entry points alone. */
import { errorCode, errorMessage, SlipwayError } from "../errors.ts";
import { BufferGarbage } from "./buffer-garbage.ts";
import { WINDOW, type FromWorker, type ToWorker } from "./worker-messages.ts";

declare const self: {
  addEventListener(type: "message", listener: (event: { data: ToWorker }) => void): void;
  postMessage(message: FromWorker, transfer: ArrayBuffer[]): void;
};

/** Bytes. A worker has a few megabytes in use. */
const garbageLimit = 12 << 20;

/** What a task on a worker sees of its owner. */
export interface TaskIo {
  readonly input: AsyncIterable<Uint8Array>;
  /** Sends `chunk`, whose buffer is given away. Waits while the owner is behind. Throws when the task was aborted. */
  write(chunk: Uint8Array): Promise<void>;
  /** Lets messages in and throws `cancelled` when the task was aborted: call it now and then in long work. */
  breathe(): Promise<void>;
}

/** Answers the tasks sent to this worker, one at a time, with what `handler` returns or throws. */
export function serveTasks<R>(handler: (request: R, io: TaskIo) => Promise<unknown>): void {
  let current: ServedTask | undefined;
  const garbage = new BufferGarbage(garbageLimit);
  self.addEventListener("message", ({ data }) => {
    if (data.kind !== "start") current?.receive(data);
    else {
      garbage.look();
      current = new ServedTask(garbage);
      void answer(handler, data.request as R, current);
    }
  });
}

async function answer<R>(
  handler: (request: R, io: TaskIo) => Promise<unknown>,
  request: R,
  io: TaskIo,
): Promise<void> {
  try {
    self.postMessage({ kind: "result", value: await handler(request, io) }, []);
  } catch (error) {
    const cause = error instanceof SlipwayError ? error.cause : error;
    const errno = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
    self.postMessage({ kind: "error", code: errorCode(error), message: errorMessage(error), errno }, []);
  }
}

class ServedTask implements TaskIo {
  readonly #garbage: BufferGarbage;
  readonly #chunks: Uint8Array[] = [];
  #isEnded = false;
  #isAborted = false;
  #credits = WINDOW;
  #wake: (() => void) | undefined;
  readonly input: AsyncIterable<Uint8Array> = this.#read();

  constructor(garbage: BufferGarbage) {
    this.#garbage = garbage;
  }

  receive(message: ToWorker): void {
    if (message.kind === "input") this.#chunks.push(message.chunk);
    if (message.kind === "inputEnd") this.#isEnded = true;
    if (message.kind === "abort") this.#isAborted = true;
    if (message.kind === "credit") this.#credits += 1;
    this.#wake?.();
  }

  async write(chunk: Uint8Array): Promise<void> {
    while (this.#credits === 0 && !this.#isAborted) await this.#news();
    this.#check();
    this.#credits -= 1;
    self.postMessage({ kind: "output", chunk }, [chunk.buffer as ArrayBuffer]);
  }

  async breathe(): Promise<void> {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    this.#check();
  }

  async *#read(): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      this.#check();
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        yield chunk;
        self.postMessage({ kind: "credit" }, []);
      } else if (this.#isEnded) return;
      else await this.#news();
    }
  }

  async #news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  #check(): void {
    this.#garbage.look();
    if (this.#isAborted) throw new SlipwayError("cancelled", "The task was aborted");
  }
}
