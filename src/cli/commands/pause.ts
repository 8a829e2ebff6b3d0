import { arity, command } from "../command.ts";
import { forEach } from "../for-each.ts";

export default command({
  usage: "pause CONTAINER [CONTAINER...]",
  summary: "Pause all processes within one or more containers",
  aliases: ["container pause", "pause"],
  flags: {},
  args: arity.atLeast(1),
  async run({ args }, context) {
    const { containers } = await context.engine();
    return await forEach(args, context, async (name) => {
      await containers.pause(name);
      return name;
    });
  },
});
