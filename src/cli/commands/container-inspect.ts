import { arity, command } from "../command.ts";
import { inspectEach } from "../format/inspect.ts";
import { bool, string } from "../flags/flag.ts";

export default command({
  usage: "container inspect [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Display detailed information on one or more containers",
  flags: {
    format: string("Format output using a custom template: 'json' or TEMPLATE", { short: "f" }),
    size: bool("Display total file sizes", { short: "s" }),
  },
  args: arity.atLeast(1),
  async run({ flags, args }, context) {
    const { containers } = await context.engine();
    const inspect = (name: string) => containers.inspect(name, { size: flags.size });
    return await inspectEach(args, flags.format, context, inspect);
  },
});
