import { arity, command } from "../command.ts";
import { forEach } from "../for-each.ts";
import { bool } from "../flags/flag.ts";
import { isCode } from "../../errors.ts";

export default command({
  usage: "network rm NETWORK [NETWORK...]",
  summary: "Remove one or more networks",
  flags: { force: bool("Do not error if the network does not exist", { short: "f" }) },
  args: arity.atLeast(1),
  async run({ flags, args }, context) {
    const { networks } = await context.engine();
    return await forEach(args, context, async (name) => {
      try {
        await networks.remove(name);
      } catch (error) {
        if (!flags.force || !isCode(error, "not_found")) throw error;
      }
      return name;
    });
  },
});
