import { link } from "../container/check-names.ts";
import { parsePairs } from "../flags/values.ts";
import { arity, command } from "../command.ts";
import { integer, list, string } from "../flags/flag.ts";

export default command({
  usage: "network connect [OPTIONS] NETWORK CONTAINER",
  summary: "Connect a container to a network",
  flags: {
    alias: list("Add network-scoped alias for the container"),
    "driver-opt": list("driver options for the network"),
    "gw-priority": integer("Highest gw-priority provides the default gateway"),
    link: list("Add link to another container"),
    "link-local-ip": list("Add a link-local address for the container"),
    ip: string("IPv4 address (e.g., 172.30.100.104)"),
    ip6: string("IPv6 address (e.g., 2001:db8::33)"),
  },
  args: arity.exactly(2),
  async run({ flags, args: [network = "", container = ""] }, context) {
    const addresses = {
      ...(flags.ip === "" ? {} : { IPv4Address: flags.ip }),
      ...(flags.ip6 === "" ? {} : { IPv6Address: flags.ip6 }),
      ...(flags["link-local-ip"].length === 0 ? {} : { LinkLocalIPs: [...flags["link-local-ip"]] }),
    };
    const { networks } = await context.engine();
    await networks.connect(network, container, {
      Aliases: [...flags.alias],
      IPAMConfig: addresses,
      ...(flags.link.length === 0 ? {} : { Links: flags.link.map(link) }),
      ...(flags["driver-opt"].length === 0 ? {} : { DriverOpts: parsePairs(flags["driver-opt"]) }),
      ...(flags["gw-priority"] === undefined ? {} : { GwPriority: flags["gw-priority"] }),
    });
    return 0;
  },
});
