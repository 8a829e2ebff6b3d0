import type { Engine } from "../../engine/engine.ts";
import type { CliContext } from "../command.ts";
import { copyStreams, followSize, forwardSignals, rawTerminal } from "./stream-io.ts";

export interface AttachToOptions {
  readonly input: boolean;
  readonly detachKeys: string;
  readonly signals: boolean;
  /** What sets the process going, once the streams are joined. */
  readonly begin?: () => Promise<void>;
  readonly removed?: boolean;
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
  if ((await copyStreams(stream, context, { input, detachKeys })) === "detached") return 0;
  const condition = options.removed ? "removed" : "not-running";
  return (await engine.containers.wait(name, { condition })).StatusCode;
}
