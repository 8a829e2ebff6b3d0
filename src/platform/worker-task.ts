import { SlipwayError } from "../errors.ts";
import { WINDOW, type FromWorker, type ToWorker } from "./worker-messages.ts";

/** What a task gets and gives. The worker waits when `onOutput` is slow. */
export interface TaskOptions {
  readonly input?: AsyncIterable<Uint8Array>;
  readonly onOutput?: (chunk: Uint8Array) => void | Promise<void>;
  readonly signal?: AbortSignal | undefined;
  /** Buffers in the request that are given away rather than copied. */
  readonly transfer?: readonly ArrayBuffer[];
}

type Post = (message: ToWorker, transfer: ArrayBuffer[]) => void;

/** The owner's side of one task on a worker. */
export class WorkerTask {
  readonly #options: TaskOptions;
  readonly #post: Post;
  readonly #done = Promise.withResolvers<unknown>();
  #credits = WINDOW;
  #wake: (() => void) | undefined;
  #isOver = false;
  #reason: unknown;
  #output: Promise<void> = Promise.resolve();

  constructor(options: TaskOptions, post: Post) {
    this.#options = options;
    this.#post = post;
  }

  /** Settles once the worker had its last word and the input was let go of. */
  async run(request: unknown): Promise<unknown> {
    const { signal, input } = this.#options;
    const abort = () => this.#abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    this.#post({ kind: "start", request }, [...(this.#options.transfer ?? [])]);
    const feeding = input === undefined ? undefined : this.#feed(input);
    try {
      return await this.#done.promise;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#over();
      await feeding;
    }
  }

  receive(message: FromWorker): void {
    switch (message.kind) {
      case "credit":
        this.#credits += 1;
        this.#wake?.();
        break;
      case "output":
        this.#output = this.#output.then(() => this.#give(message.chunk));
        break;
      case "result":
        void this.#output.then(() => this.#settle(message.value));
        break;
      default:
        this.fail(taskError(message));
    }
  }

  /** The task is over; what stopped it first is its error. */
  fail(error: unknown): void {
    this.#over();
    this.#done.reject(this.#reason ?? error);
  }

  #settle(value: unknown): void {
    if (this.#reason !== undefined) this.fail(this.#reason);
    else this.#done.resolve(value);
  }

  async #give(chunk: Uint8Array): Promise<void> {
    if (this.#reason !== undefined) return;
    try {
      await this.#options.onOutput?.(chunk);
      this.#post({ kind: "credit" }, []);
    } catch (error) {
      this.#abort(error);
    }
  }

  async #feed(input: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of input) {
        while (this.#credits === 0 && !this.#isOver) await this.#credit();
        if (this.#isOver) return;
        this.#credits -= 1;
        // A copy of our own goes over: the chunk may be in use elsewhere, and a transfer would take it away.
        const copy = new Uint8Array(chunk);
        this.#post({ kind: "input", chunk: copy }, [copy.buffer]);
      }
      this.#post({ kind: "inputEnd" }, []);
    } catch (error) {
      this.#abort(error);
    }
  }

  async #credit(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  #abort(reason: unknown): void {
    if (this.#isOver) return;
    this.#reason ??= reason;
    this.#post({ kind: "abort" }, []);
  }

  #over(): void {
    this.#isOver = true;
    this.#wake?.();
  }
}

function taskError(message: Extract<FromWorker, { kind: "error" }>): SlipwayError {
  const { errno } = message;
  const cause = errno === undefined ? undefined : Object.assign(new Error(errno), { code: errno });
  return new SlipwayError(message.code, message.message, { cause });
}
