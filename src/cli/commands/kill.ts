import { string } from "../flags/flag.ts";
import { arity, command } from "../command.ts";
import { forEach } from "../for-each.ts";

export default command({
  usage: "kill [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Kill one or more running containers",
  aliases: ["container kill", "kill"],
  flags: { signal: string("Signal to send to the container", { short: "s" }) },
  args: arity.atLeast(1),
  async run({ args, flags }, context) {
    const { containers } = await context.engine();
    return await forEach(args, context, async (name) => {
      await containers.kill(name, flags.signal === "" ? {} : { killSignal: flags.signal });
      return name;
    });
  },
});
