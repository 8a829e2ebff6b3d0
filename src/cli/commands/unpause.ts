import { arity, command } from "../command.ts";
import { forEach } from "../for-each.ts";

export default command({
  usage: "unpause CONTAINER [CONTAINER...]",
  summary: "Unpause all processes within one or more containers",
  aliases: ["container unpause", "unpause"],
  flags: {},
  args: arity.atLeast(1),
  async run({ args }, context) {
    const { containers } = await context.engine();
    return await forEach(args, context, async (name) => {
      await containers.unpause(name);
      return name;
    });
  },
});
