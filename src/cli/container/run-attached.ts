import type { Engine } from "../../engine/engine.ts";
import type { ContainerCreate } from "../../engine/types/container.ts";
import type { CliContext } from "../command.ts";
import { copyStreams, followSize, forwardSignals, rawTerminal } from "./stream-io.ts";

interface AttachFlags {
  /** The container is removed at its end. */
  readonly rm: boolean;
  readonly "detach-keys": string;
  readonly "sig-proxy": boolean;
}

/** Attaches to a created container, starts it and stays until it ends. Resolves to its exit code. */
export async function runAttached(
  engine: Engine,
  id: string,
  spec: Pick<ContainerCreate, "Tty" | "AttachStdin" | "AttachStdout" | "AttachStderr">,
  context: CliContext,
  flags: AttachFlags,
): Promise<number> {
  const tty = spec.Tty === true;
  await using stream = await engine.containers.attach(id, {
    stream: true,
    stdin: spec.AttachStdin === true,
    stdout: spec.AttachStdout === true,
    stderr: spec.AttachStderr === true,
    ...(flags["detach-keys"] === "" ? {} : { detachKeys: flags["detach-keys"] }),
  });
  using _signals = flags["sig-proxy"] ? forwardSignals(engine, id) : none;
  await engine.containers.start(id);
  using _terminal = tty && spec.AttachStdin ? rawTerminal(context) : none;
  using _size = tty ? followSize(context, (size) => engine.containers.resize(id, size)) : none;
  const keys = { input: spec.AttachStdin === true, detachKeys: flags["detach-keys"] };
  const copied = await context.trace.span("output", () => copyStreams(stream, context, keys));
  if (copied === "detached") return 0;
  const condition = flags.rm ? "removed" : "not-running";
  const end = await context.trace.span("wait", () => engine.containers.wait(id, { condition }));
  return end.StatusCode;
}

const none: Disposable = { [Symbol.dispose]: () => {} };
