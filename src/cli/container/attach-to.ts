import type { Engine } from "../../engine/engine.ts";
import type { CliContext } from "../command.ts";
import { copyStreams, followSize, forwardSignals, rawTerminal } from "./stream-io.ts";

export interface AttachToOptions {
  readonly input: boolean;
  readonly detachKeys: string;
  readonly signals: boolean;
  /** What sets the process going, once the streams are joined. */
  readonly begin?: () => Promise<void>;
}

const none: Disposable = { [Symbol.dispose]: () => {} };

/**
 * Joins this program's streams with a container's, until it ends or the detach keys are typed. Resolves to its exit
 * code, 0 when detached.
 */
export async function attachTo(
  engine: Engine,
  name: string,
  context: CliContext,
  options: AttachToOptions,
): Promise<number> {
  const over = new AbortController();
  // Asked for before the end can come: a container that removes itself is gone by then.
  const condition = options.begin === undefined ? "not-running" : "next-exit";
  const ended = engine.containers.wait(name, { condition, signal: over.signal });
  ended.catch(() => {});
  try {
    return (await joinStreams(engine, name, context, options)) === "detached" ? 0 : (await ended).StatusCode;
  } finally {
    over.abort();
  }
}

async function joinStreams(
  engine: Engine,
  name: string,
  context: CliContext,
  options: AttachToOptions,
): Promise<"ended" | "detached"> {
  const { input, detachKeys } = options;
  await using stream = await engine.containers.attach(name, {
    stream: true,
    stdin: input,
    stdout: true,
    stderr: true,
    ...(detachKeys === "" ? {} : { detachKeys }),
  });
  using _signals = options.signals && !stream.tty ? forwardSignals(engine, name) : none;
  await options.begin?.();
  using _terminal = stream.tty && input ? rawTerminal(context) : none;
  using _size = stream.tty ? followSize(context, (size) => engine.containers.resize(name, size)) : none;
  return await copyStreams(stream, context, { input, detachKeys });
}
