import { arity, command } from "../command.ts";
import { inspectEach } from "../format/inspect.ts";
import { bool, string } from "../flags/flag.ts";

export default command({
  usage: "network inspect [OPTIONS] NETWORK [NETWORK...]",
  summary: "Display detailed information on one or more networks",
  flags: {
    format: string("Format output using a custom template: 'json' or TEMPLATE", { short: "f" }),
    verbose: bool("Verbose output for diagnostics", { short: "v" }),
  },
  args: arity.atLeast(1),
  async run({ flags, args }, context) {
    const { networks } = await context.engine();
    return await inspectEach(args, flags.format, context, (name) =>
      networks.inspect(name, { verbose: flags.verbose }),
    );
  },
});
