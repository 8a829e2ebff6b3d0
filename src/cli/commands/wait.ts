import { arity, command } from "../command.ts";
import { forEach } from "../for-each.ts";

export default command({
  usage: "wait CONTAINER [CONTAINER...]",
  summary: "Block until one or more containers stop, then print their exit codes",
  aliases: ["container wait", "wait"],
  flags: {},
  args: arity.atLeast(1),
  async run({ args }, context) {
    const { containers } = await context.engine();
    return await forEach(args, context, async (name) => {
      const { StatusCode } = await containers.wait(name, { signal: context.signal });
      return String(StatusCode);
    });
  },
});
