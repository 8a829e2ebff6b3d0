import type { Engine } from "../../engine/engine.ts";
import { errorMessage } from "../../errors.ts";
import { arity, command, ExitError, type CliContext } from "../command.ts";
import { containerSpec } from "../container/container-spec.ts";
import { specOf } from "../container/spec-error.ts";
import { cidFileOf } from "../container/cid-file-of.ts";
import { createWithPull } from "../container/create-with-pull.ts";
import { runAttached } from "../container/run-attached.ts";
import { imageOfStep } from "../container/image-of-step.ts";
import { containerFlags } from "../flags/container-flags.ts";
import { bool, string } from "../flags/flag.ts";
import { NotReached } from "../remote-error.ts";

const flags = {
  ...containerFlags,
  detach: bool("Run container in background and print container ID", { short: "d" }),
  "detach-keys": string("Override the key sequence for detaching a container"),
  "sig-proxy": bool("Proxy received signals to the process", { initial: true }),
  "wait-healthy": bool("With --detach: come back when the health check says healthy"),
} as const;

export default command({
  usage: "run [OPTIONS] IMAGE|BUILD:STEP [COMMAND] [ARG...]",
  summary: "Create and run a new container from an image",
  aliases: ["container run", "run"],
  flags,
  args: arity.atLeast(1),
  interspersed: false,
  async run({ flags, args, given }, context) {
    const [image = "", ...rest] = args;
    const around = { image, command: rest, given, detach: flags.detach || flags.lazy, env: context.env };
    const asked = specOf("run", () => containerSpec(flags, around));
    if (flags["wait-healthy"] && !flags.detach) {
      throw new ExitError(125, "conflicting options: --wait-healthy needs --detach");
    }
    if (flags.tty && asked.AttachStdin && !context.stdin.isTTY) {
      throw new ExitError(1, "the input device is not a TTY");
    }
    using cidFile = await cidFileOf(flags.cidfile);
    try {
      const engine = await context.engine();
      const step = await imageOfStep(engine, image);
      const spec = step === undefined ? asked : { ...asked, Image: step };
      const id = await createWithPull(engine, spec, context, { pull: flags.pull, quiet: flags.quiet });
      cidFile?.write(id);
      if (flags.detach || flags.lazy) return await runDetached(engine, id, context, flags["wait-healthy"]);
      return await runAttached(engine, id, spec, context, flags);
    } catch (error) {
      throw runError(error);
    }
  },
});

async function runDetached(
  engine: Engine,
  id: string,
  context: CliContext,
  untilHealthy: boolean,
): Promise<number> {
  await engine.containers.start(id);
  context.stdout.write(`${id}\n`);
  if (!untilHealthy) return 0;
  try {
    await engine.containers.wait(id, { condition: "healthy", signal: context.signal });
    return 0;
  } catch (error) {
    // The container stays, so that one can look why.
    throw new ExitError(1, `slipway: ${errorMessage(error)}`, { cause: error });
  }
}

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
