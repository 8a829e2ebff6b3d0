import { arity, command } from "../command.ts";
import { forEach } from "../for-each.ts";
import { bool } from "../flags/flag.ts";

export default command({
  usage: "volume rm [OPTIONS] VOLUME [VOLUME...]",
  summary: "Remove one or more volumes",
  flags: { force: bool("Force the removal of one or more volumes", { short: "f" }) },
  args: arity.atLeast(1),
  async run({ flags, args }, context) {
    const { volumes } = await context.engine();
    return await forEach(args, context, async (name) => {
      await volumes.remove(name, { force: flags.force });
      return name;
    });
  },
});
