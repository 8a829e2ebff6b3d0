import { arity, command } from "../command.ts";
import { bool } from "../flags/flag.ts";

export default command({
  usage: "network disconnect [OPTIONS] NETWORK CONTAINER",
  summary: "Disconnect a container from a network",
  flags: { force: bool("Force the container to disconnect from a network", { short: "f" }) },
  args: arity.exactly(2),
  async run({ flags, args: [network = "", container = ""] }, context) {
    await (await context.engine()).networks.disconnect(network, container, { force: flags.force });
    return 0;
  },
});
