import { arity, command, ExitError } from "../command.ts";
import { bool, list, optional, refused, string } from "../flags/flag.ts";
import { parsePairs } from "../flags/values.ts";
import type { IPAMConfig } from "../../engine/types/network.ts";
import { contains, parseAddress, parseCidr } from "../../network/cidr.ts";

export default command({
  usage: "network create [OPTIONS] NETWORK",
  summary: "Create a network",
  flags: {
    "aux-address": list("Auxiliary IPv4 or IPv6 addresses used by Network driver", { kind: "map" }),
    "config-from": refused("networks of configuration alone need a swarm"),
    "config-only": refused("networks of configuration alone need a swarm", { switch: true }),
    ingress: refused("the routing mesh needs a swarm", { switch: true }),
    "ipam-opt": list("Set IPAM driver specific options", { kind: "map" }),
    ipv4: bool("Enable or disable IPv4 address assignment", { initial: true }),
    scope: string("Control the network's scope"),
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
      ...(flags.ipv4 ? {} : { EnableIPv4: false }),
      EnableIPv6: flags.ipv6,
      ...(flags.scope === "" ? {} : { Scope: flags.scope }),
      Options: parsePairs(flags.opt),
      Labels: parsePairs(flags.label),
      IPAM: {
        Driver: flags["ipam-driver"] ?? "default",
        Config: withReserved(pools, flags["aux-address"]),
        ...(flags["ipam-opt"].length === 0 ? {} : { Options: parsePairs(flags["ipam-opt"]) }),
      },
    });
    if (Warning) context.stderr.write(`WARNING: ${Warning}\n`);
    context.stdout.write(`${Id}\n`);
    return 0;
  },
});

/** Each `--aux-address NAME=IP` belongs to the subnet that holds it. */
function withReserved(pools: readonly IPAMConfig[], words: readonly string[]): IPAMConfig[] {
  const made = pools.map((pool) => ({ ...pool }));
  for (const [name, address] of Object.entries(parsePairs(words))) {
    const pool = made.find(({ Subnet = "" }) => holds(Subnet, address));
    if (pool === undefined) throw new ExitError(1, `no matching subnet for aux-address ${address}`);
    pool.AuxiliaryAddresses = { ...pool.AuxiliaryAddresses, [name]: address };
  }
  return made;
}

function holds(subnet: string, address: string): boolean {
  try {
    return contains(parseCidr(subnet), parseAddress(address));
  } catch {
    return false;
  }
}
