import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { SlipwayError } from "../errors.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import type { OutputChunk } from "./runtime.ts";

export interface PipedOptions {
  readonly env: Readonly<Record<string, string>>;
  /** false: /dev/null */
  readonly stdin: boolean;
  /** false: /dev/null */
  readonly output: boolean;
}

/** A child whose standard streams are pipes of ours. */
export class PipedProcess {
  readonly output: AsyncGenerator<OutputChunk, void>;
  /** Its exit code, 128 + n after signal n. Rejects with `unavailable` when it could not be started. */
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  readonly #queue = new ChunkQueue();

  constructor(command: readonly string[], options: PipedOptions) {
    const [file = "", ...args] = command;
    const out = options.output ? "pipe" : "ignore";
    const stdio: ("pipe" | "ignore")[] = [options.stdin ? "pipe" : "ignore", out, out];
    this.#child = spawn(file, args, { env: options.env, stdio });
    this.ended = exitOf(this.#child, file);
    this.ended.catch(() => this.#queue.close());
    this.#child.stdin?.on("error", () => undefined);
    this.output = this.#queue.output();
    this.#collect();
  }

  /** Waits until the pipe took the bytes. Nothing happens when the process closed its input. */
  write(data: Uint8Array): Promise<void> {
    const { stdin } = this.#child;
    if (stdin === null || !stdin.writable) return Promise.resolve();
    return new Promise((resolve) => stdin.write(data, () => resolve()));
  }

  closeInput(): void {
    this.#child.stdin?.end();
  }

  /** Nobody reads the output any more; the process runs on. */
  discardOutput(): void {
    this.#queue.discard();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #collect(): void {
    const { stdout, stderr } = this.#child;
    const streams: [OutputChunk["stream"], Readable | null][] = [
      ["stdout", stdout],
      ["stderr", stderr],
    ];
    let open = 0;
    for (const [stream, pipe] of streams) {
      if (pipe === null) continue;
      open += 1;
      pipe.on("data", (data: Buffer) => this.#queue.push({ stream, data }));
      pipe.on("error", () => undefined);
      pipe.on("close", () => {
        open -= 1;
        if (open === 0) this.#queue.close();
      });
    }
    if (open === 0) this.#queue.close();
    this.#queue.connect({
      pause: () => streams.forEach(([, pipe]) => pipe?.pause()),
      resume: () => streams.forEach(([, pipe]) => pipe?.resume()),
    });
  }
}

function exitOf(child: ChildProcess, file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", (cause) =>
      reject(new SlipwayError("unavailable", `Cannot run "${file}": ${cause.message}`, { cause })),
    );
    child.on("exit", (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
  });
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === "SIGKILL" ? 9 : signal === "SIGTERM" ? 15 : 1;
}
