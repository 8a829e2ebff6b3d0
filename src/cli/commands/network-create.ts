import { arity, command, ExitError } from "../command.ts";
import { bool, list, optional, string } from "../flags/flag.ts";
import { parsePairs } from "../flags/values.ts";
import type { IPAMConfig } from "../../engine/types/network.ts";

export default command({
  usage: "network create [OPTIONS] NETWORK",
  summary: "Create a network",
  flags: {
    attachable: bool("Enable manual container attachment"),
    driver: string("Driver to manage the Network", { short: "d", initial: "bridge" }),
    gateway: list("IPv4 or IPv6 Gateway for the master subnet"),
    internal: bool("Restrict external access to the network"),
    "ip-range": list("Allocate container ip from a sub-range"),
    ipv6: bool("Enable or disable IPv6 address assignment"),
    label: list("Set metadata on a network"),
    opt: list("Set driver specific options", { short: "o", kind: "map" }),
    "ipam-driver": optional("IP Address Management Driver"),
    subnet: list("Subnet in CIDR format that represents a network segment"),
  },
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    if (flags.subnet.length < Math.max(flags.gateway.length, flags["ip-range"].length)) {
      throw new ExitError(1, "every ip-range or gateway must have a corresponding subnet");
    }
    const pools = flags.subnet.map((subnet, at): IPAMConfig => {
      const [gateway, range] = [flags.gateway[at], flags["ip-range"][at]];
      return {
        Subnet: subnet,
        ...(gateway ? { Gateway: gateway } : {}),
        ...(range ? { IPRange: range } : {}),
      };
    });
    const { Id, Warning } = await (
      await context.engine()
    ).networks.create({
      Name: name,
      Driver: flags.driver,
      Internal: flags.internal,
      Attachable: flags.attachable,
      EnableIPv6: flags.ipv6,
      Options: parsePairs(flags.opt),
      Labels: parsePairs(flags.label),
      IPAM: { Driver: flags["ipam-driver"] ?? "default", Config: pools },
    });
    if (Warning) context.stderr.write(`WARNING: ${Warning}\n`);
    context.stdout.write(`${Id}\n`);
    return 0;
  },
});
