import type { Engine } from "../../engine/engine.ts";
import { errorMessage } from "../../errors.ts";
import { arity, command, ExitError, type CliContext } from "../command.ts";
import { containerSpec } from "../container/container-spec.ts";
import { specOf } from "../container/spec-error.ts";
import { createWithPull } from "../container/create-with-pull.ts";
import { copyStreams, followSize, forwardSignals, rawTerminal } from "../container/stream-io.ts";
import { writeNewFile } from "../files.ts";
import { containerFlags } from "../flags/container-flags.ts";
import { bool, string } from "../flags/flag.ts";
import { NotReached } from "../remote-error.ts";
import type { ContainerCreate } from "../../engine/types/container.ts";

const flags = {
  ...containerFlags,
  detach: bool("Run container in background and print container ID", { short: "d" }),
  "detach-keys": string("Override the key sequence for detaching a container"),
  "sig-proxy": bool("Proxy received signals to the process", { initial: true }),
} as const;

export default command({
  usage: "run [OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Create and run a new container from an image",
  aliases: ["container run", "run"],
  flags,
  args: arity.atLeast(1),
  interspersed: false,
  async run({ flags, args, given }, context) {
    const [image = "", ...rest] = args;
    const around = { image, command: rest, given, detach: flags.detach, env: context.env };
    const spec = specOf("run", () => containerSpec(flags, around));
    if (flags.tty && spec.AttachStdin && !context.stdin.isTTY) {
      throw new ExitError(125, "the input device is not a TTY");
    }
    try {
      const engine = await context.engine();
      const id = await createWithPull(engine, spec, context, { pull: flags.pull, quiet: flags.quiet });
      if (flags.cidfile !== "") writeNewFile(flags.cidfile, id);
      if (flags.detach) return await runDetached(engine, id, context);
      return await runAttached(engine, id, spec, context, flags);
    } catch (error) {
      throw runError(error);
    }
  },
});

async function runDetached(engine: Engine, id: string, context: CliContext): Promise<number> {
  await engine.containers.start(id);
  context.stdout.write(`${id}\n`);
  return 0;
}

interface AttachFlags {
  readonly rm: boolean;
  readonly "detach-keys": string;
  readonly "sig-proxy": boolean;
}

async function runAttached(
  engine: Engine,
  id: string,
  spec: ContainerCreate,
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

/** Docker's exit codes: 127 for a missing program, 126 for one that cannot be run, 125 for everything else. */
function runError(error: unknown): ExitError {
  const message = errorMessage(error);
  if (error instanceof ExitError) return error;
  if (error instanceof NotReached) return new ExitError(125, `slipway: ${message}`, { cause: error });
  const text = `slipway: Error response from daemon: ${message}\n\nRun 'slipway run --help' for more information`;
  if (/executable file not found|no such file or directory|system cannot find the file/.test(message)) {
    return new ExitError(127, text, { cause: error });
  }
  return new ExitError(/permission denied|is a directory/.test(message) ? 126 : 125, text, { cause: error });
}
