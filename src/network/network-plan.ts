import { isIP } from "node:net";
import { SlipwayError } from "../errors.ts";
import { firstAddress } from "./address-pool.ts";
import { contains, formatAddress, formatCidr, overlaps, parseAddress, parseCidr, type Cidr } from "./cidr.ts";
import type { Network, NetworkConfig, Subnet } from "./driver.ts";
import { chooseSubnet, uniqueLocalSubnet } from "./subnet-pools.ts";

/** What a new network is made of besides its configuration. */
export interface PlanInput {
  /** 64 hexadecimal digits */
  readonly id: string;
  /** RFC 3339 */
  readonly createdAt: string;
  /** Subnets of other networks: no overlap is allowed. */
  readonly networks: readonly Cidr[];
  /** Routes of the host: a subnet that is chosen, not given, avoids them too. */
  readonly routes: readonly Cidr[];
}

/** The record of a bridge network to be made. Pure. Throws `invalid_argument` and `resource_exhausted`. */
export function planNetwork(config: NetworkConfig, input: PlanInput): Network {
  const { enableIPv4 = true, enableIPv6 = false } = config;
  if (!enableIPv4 && !enableIPv6) throw new SlipwayError("invalid_argument", "IPv4 or IPv6 must be enabled");
  checkLinkPrefix(config.options?.["com.docker.network.container_iface_prefix"] ?? "");
  checkBinding(config.options?.["com.docker.network.bridge.host_binding_ipv4"] ?? "");
  const given = (config.subnets ?? []).map(completeSubnet);
  checkOverlaps(given, input.networks);
  const subnets = [...given];
  if (enableIPv4 && !given.some(({ subnet }) => parseCidr(subnet).family === 4)) {
    subnets.unshift(withGateway(chooseSubnet([...input.networks, ...input.routes])));
  }
  if (enableIPv6 && !given.some(({ subnet }) => parseCidr(subnet).family === 6)) {
    subnets.push(withGateway(uniqueLocalSubnet(input.id)));
  }
  const kept = subnets.filter(({ subnet }) => (parseCidr(subnet).family === 4 ? enableIPv4 : enableIPv6));
  return {
    id: input.id,
    name: config.name,
    driver: "bridge",
    bridge: bridgeName(config, input.id),
    subnets: kept,
    internal: config.internal ?? false,
    ...(config.attachable === true ? { attachable: true } : {}),
    ...(enableIPv4 ? {} : { enableIPv4 }),
    enableIPv6,
    options: config.options ?? {},
    labels: config.labels ?? {},
    createdAt: input.createdAt,
  };
}

function bridgeName(config: NetworkConfig, id: string): string {
  const name = config.options?.["com.docker.network.bridge.name"] ?? `br-${id.slice(0, 12)}`;
  checkLinkName(name);
  return name;
}

/** Kernel: at most 15 bytes, no slash, colon or white space; the text also goes into nft and ip scripts. */
export function checkLinkName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(name)) return;
  throw new SlipwayError("invalid_argument", `invalid bridge name "${name}"`);
}

/** A number of up to three digits follows it. The text also goes into ip scripts. */
function checkLinkPrefix(prefix: string): void {
  if (prefix === "" || /^[A-Za-z][A-Za-z0-9_-]{0,11}$/.test(prefix)) return;
  throw new SlipwayError("invalid_argument", `invalid container_iface_prefix "${prefix}"`);
}

function checkBinding(address: string): void {
  if (address === "" || isIP(address) === 4) return;
  throw new SlipwayError("invalid_argument", `invalid host_binding_ipv4 "${address}": not an IPv4 address`);
}

function withGateway(cidr: Cidr): Subnet {
  return { subnet: formatCidr(cidr), gateway: firstAddress(cidr) };
}

function completeSubnet(given: NonNullable<NetworkConfig["subnets"]>[number]): Subnet {
  const cidr = subnetOf(given.subnet);
  if (parseAddress(given.subnet.replace(/\/.*/, "")).value !== cidr.base) {
    const why = `invalid subnet ${given.subnet}: it should be ${formatCidr(cidr)}`;
    throw new SlipwayError("invalid_argument", `invalid network config:\n${why}`);
  }
  const gateway = given.gateway ?? firstAddress(cidr);
  if (isIP(gateway) === 0 || !contains(cidr, parseAddress(gateway))) {
    throw new SlipwayError("invalid_argument", `no matching subnet for gateway ${gateway}`);
  }
  const reserved = given.reserved ?? {};
  for (const address of Object.values(reserved)) {
    if (isIP(address) !== 0 && contains(cidr, parseAddress(address))) continue;
    throw new SlipwayError("invalid_argument", `no matching subnet for aux-address ${address}`);
  }
  const subnet = {
    subnet: formatCidr(cidr),
    gateway: formatAddress(parseAddress(gateway)),
    ...(Object.keys(reserved).length === 0 ? {} : { reserved }),
  };
  if (given.ipRange === undefined) return subnet;
  const range = parseCidr(given.ipRange);
  if (range.prefix < cidr.prefix || !contains(cidr, { family: range.family, value: range.base })) {
    throw new SlipwayError("invalid_argument", `no matching subnet for range ${given.ipRange}`);
  }
  return { ...subnet, ipRange: formatCidr(range) };
}

function subnetOf(text: string): Cidr {
  try {
    return parseCidr(text);
  } catch (cause) {
    const why = `invalid network config:\ninvalid subnet ${text}: invalid CIDR block notation`;
    throw new SlipwayError("invalid_argument", why, { cause });
  }
}

function checkOverlaps(given: readonly Subnet[], networks: readonly Cidr[]): void {
  const cidrs = given.map(({ subnet }) => parseCidr(subnet));
  cidrs.forEach((cidr, index) => {
    const others = [...networks, ...cidrs.slice(index + 1)];
    if (others.some((other) => overlaps(cidr, other))) {
      throw new SlipwayError(
        "forbidden",
        "invalid pool request: Pool overlaps with other one on this address space",
      );
    }
  });
}
