import { stopFlags, stopOptions } from "../container/stop-options.ts";
import { arity, command } from "../command.ts";
import { forEach } from "../for-each.ts";

export default command({
  usage: "restart [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Restart one or more containers",
  aliases: ["container restart", "restart"],
  flags: stopFlags,
  args: arity.atLeast(1),
  async run({ args, flags }, context) {
    const { containers } = await context.engine();
    return await forEach(args, context, async (name) => {
      await containers.restart(name, stopOptions(flags));
      return name;
    });
  },
});
