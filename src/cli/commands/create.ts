import { arity, command } from "../command.ts";
import { containerSpec } from "../container/container-spec.ts";
import { specOf } from "../container/spec-error.ts";
import { cidFileOf } from "../container/cid-file-of.ts";
import { createWithPull } from "../container/create-with-pull.ts";
import { containerFlags } from "../flags/container-flags.ts";

export default command({
  usage: "create [OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Create a new container",
  aliases: ["container create", "create"],
  flags: containerFlags,
  args: arity.atLeast(1),
  interspersed: false,
  async run({ flags, args, given }, context) {
    const [image = "", ...rest] = args;
    const around = { image, command: rest, given, detach: false, env: context.env };
    const spec = specOf("create", () => containerSpec(flags, around));
    using cidFile = await cidFileOf(flags.cidfile);
    const id = await createWithPull(await context.engine(), spec, context, {
      pull: flags.pull,
      quiet: flags.quiet,
    });
    cidFile?.write(id);
    context.stdout.write(`${id}\n`);
    return 0;
  },
});
