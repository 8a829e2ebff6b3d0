import { stopFlags, stopOptions } from "../container/stop-options.ts";
import { arity, command } from "../command.ts";
import { forEach, ignoreUnchanged } from "../for-each.ts";

export default command({
  usage: "stop [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Stop one or more running containers",
  aliases: ["container stop", "stop"],
  flags: stopFlags,
  args: arity.atLeast(1),
  async run({ args, flags }, context) {
    const { containers } = await context.engine();
    return await forEach(args, context, async (name) => {
      await containers.stop(name, stopOptions(flags)).catch(ignoreUnchanged);
      return name;
    });
  },
});
