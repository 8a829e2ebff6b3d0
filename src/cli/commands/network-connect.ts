import { arity, command } from "../command.ts";
import { list, string } from "../flags/flag.ts";

export default command({
  usage: "network connect [OPTIONS] NETWORK CONTAINER",
  summary: "Connect a container to a network",
  flags: {
    alias: list("Add network-scoped alias for the container"),
    ip: string("IPv4 address (e.g., 172.30.100.104)"),
    ip6: string("IPv6 address (e.g., 2001:db8::33)"),
  },
  args: arity.exactly(2),
  async run({ flags, args: [network = "", container = ""] }, context) {
    const addresses = {
      ...(flags.ip === "" ? {} : { IPv4Address: flags.ip }),
      ...(flags.ip6 === "" ? {} : { IPv6Address: flags.ip6 }),
    };
    await (
      await context.engine()
    ).networks.connect(network, container, { Aliases: [...flags.alias], IPAMConfig: addresses });
    return 0;
  },
});
