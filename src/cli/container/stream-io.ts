import type { AttachStream, Engine } from "../../engine/engine.ts";
import type { OutputChunk } from "../../runtime/runtime.ts";
import { passOutput } from "../../platform/terminal.ts";
import type { CliContext } from "../command.ts";
import { DetachScanner, parseDetachKeys } from "./detach-keys.ts";

/** Writes what a container prints to this program's streams, waiting whenever they are full. */
export async function copyOutput(output: AsyncIterable<OutputChunk>, context: CliContext): Promise<void> {
  for await (const chunk of output) {
    const stream = chunk.stream === "stderr" ? context.stderr : context.stdout;
    if (!stream.write(chunk.data)) await new Promise((resolve) => stream.once("drain", resolve));
  }
}

export interface CopyOptions {
  readonly input: boolean;
  /** Keys that leave the container running: `ctrl-p,ctrl-q`. Looked for on a terminal only. */
  readonly detachKeys: string;
}

/**
 * Joins this program's streams with a container's until its output ends, or until the detach keys are typed
 * (`detached`). Input alone keeps nothing waiting.
 */
export async function copyStreams(
  stream: AttachStream,
  context: CliContext,
  options: CopyOptions,
): Promise<"ended" | "detached"> {
  const done = new AbortController();
  const output = copyOutput(stream.output, context).then(() => "ended" as const);
  if (!options.input) return await output;
  const keys =
    stream.tty && context.stdin.isTTY ? parseDetachKeys(options.detachKeys || "ctrl-p,ctrl-q") : undefined;
  const detached = new Promise<"detached">((resolve) => {
    copyInput(stream, context.stdin, keys, done.signal).then(
      (how) => how === "detached" && resolve(how),
      () => {},
    );
  });
  try {
    return await Promise.race([output, detached]);
  } finally {
    done.abort();
  }
}

/** Sends this program's input until it ends, then ends the container's. Stops when `signal` aborts. */
async function copyInput(
  stream: AttachStream,
  stdin: NodeJS.ReadStream,
  keys: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<"ended" | "detached"> {
  const scanner = keys === undefined ? undefined : new DetachScanner(keys);
  const { promise, resolve, reject } = Promise.withResolvers<"ended" | "detached">();
  const onData = (chunk: Uint8Array) => {
    const passed = scanner === undefined ? chunk : scanner.feed(chunk);
    if (passed === undefined) return resolve("detached");
    stdin.pause();
    stream.write(passed).then(() => signal.aborted || stdin.resume(), reject);
  };
  const onEnd = () => void stream.closeInput().then(() => resolve("ended"), reject);
  stdin.on("data", onData).on("end", onEnd).on("error", reject);
  signal.addEventListener("abort", () => resolve("ended"), { once: true });
  stdin.resume();
  try {
    return await promise;
  } finally {
    stdin.off("data", onData).off("end", onEnd).off("error", reject).pause();
  }
}

/**
 * A terminal in raw mode while it is held: every key goes to the container. Dispose restores it (idempotent). Does
 * nothing when stdin is no terminal.
 */
export function rawTerminal(context: CliContext): Disposable {
  const { stdin } = context;
  if (!stdin.isTTY) return { [Symbol.dispose]: () => {} };
  stdin.setRawMode(true);
  passOutput(0);
  return { [Symbol.dispose]: () => void stdin.setRawMode(false) };
}

/** Calls `resize` with the terminal's size now and at every change. Dispose ends it. */
export function followSize(
  context: CliContext,
  resize: (size: { h: number; w: number }) => Promise<void>,
): Disposable {
  const { stdout } = context;
  const tell = () => {
    if (stdout.isTTY) resize({ h: stdout.rows, w: stdout.columns }).catch(() => {});
  };
  tell();
  stdout.on("resize", tell);
  return { [Symbol.dispose]: () => void stdout.off("resize", tell) };
}

const forwarded: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/** Passes signals that reach this program on to the container. Dispose ends it. */
export function forwardSignals(engine: Engine, container: string): Disposable {
  const forward = (signal: NodeJS.Signals) =>
    void engine.containers.kill(container, { killSignal: signal }).catch(() => {});
  for (const signal of forwarded) process.on(signal, forward);
  return {
    [Symbol.dispose]: () => {
      for (const signal of forwarded) process.off(signal, forward);
    },
  };
}
