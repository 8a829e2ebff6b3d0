import { SlipwayError } from "../errors.ts";
import { AddressPool } from "./address-pool.ts";
import { parseCidr, type Cidr } from "./cidr.ts";
import type { Endpoint, EndpointConfig, Network, Subnet } from "./driver.ts";

const linkPrefixOption = "com.docker.network.container_iface_prefix";

/** A network with what is in use of it. */
export interface LiveNetwork {
  readonly network: Network;
  readonly pools: readonly AddressPool[];
  readonly endpoints: Map<string, Endpoint>;
}

/** An address of an endpoint to be; empty when the network has none of the family. */
export interface Allocated {
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
}

function allocate(state: LiveNetwork, family: 4 | 6, wanted: string | undefined): Allocated {
  const pool = poolOf(state, family);
  if (pool === undefined) {
    if (wanted === undefined) return { address: "", prefixLength: 0, gateway: "" };
    const message = `no configured subnet contains IP address ${wanted}`;
    throw new SlipwayError("invalid_argument", message);
  }
  const subnet = subnetOf(state.network, family);
  const address = pool.allocate(wanted);
  return { address, prefixLength: pool.subnet.prefix, gateway: subnet?.gateway ?? "" };
}

/** One address of each family the network has, or none at all. Throws `invalid_argument` and `conflict` for wanted ones. */
export function allocateBoth(
  state: LiveNetwork,
  wanted: Pick<EndpointConfig, "address" | "address6">,
): { four: Allocated; six: Allocated } {
  const four = allocate(state, 4, wanted.address);
  try {
    return { four, six: allocate(state, 6, wanted.address6) };
  } catch (error) {
    poolOf(state, 4)?.release(four.address);
    throw error;
  }
}

/** Marks what a recorded endpoint has as in use. */
export function takeAddresses(state: LiveNetwork, endpoint: Endpoint): void {
  for (const address of [endpoint.address, endpoint.address6]) {
    if (address !== "") poolOf(state, familyOf(address))?.take(address);
  }
}

/** Gives both back. What is nobody's is left. */
export function releaseAddresses(state: LiveNetwork, endpoint: Endpoint): void {
  for (const address of [endpoint.address, endpoint.address6]) {
    if (address !== "") poolOf(state, familyOf(address))?.release(address);
  }
}

/** With nothing in use yet. */
export function liveNetwork(network: Network): LiveNetwork {
  return { network, pools: network.subnets.map((subnet) => new AddressPool(subnet)), endpoints: new Map() };
}

function poolOf(state: LiveNetwork, family: 4 | 6): AddressPool | undefined {
  return state.pools.find((pool) => pool.subnet.family === family);
}

/** Of that family, if the network has one. */
export function subnetOf(network: Network, family: 4 | 6): Subnet | undefined {
  return network.subnets.find(({ subnet }) => familyOf(subnet) === family);
}

function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

/** Its subnets. */
export function cidrsOf(network: Network): Cidr[] {
  return network.subnets.map(({ subnet }) => parseCidr(subnet));
}

/** The name of the next link inside: `eth0` (Docker's option gives another word), or the first name the container has no link of. */
export function freeLink(network: Network, siblings: readonly Endpoint[]): string {
  const prefix = network.options[linkPrefixOption] || "eth";
  for (let index = 0; ; index += 1) {
    if (!siblings.some(({ link }) => link === `${prefix}${index}`)) return `${prefix}${index}`;
  }
}

/** Which of a container's networks has the default route: internal ones never. */
export function defaultOf(endpoints: readonly Endpoint[]): Endpoint | undefined {
  const candidates = endpoints.filter(({ gateway, gateway6 }) => gateway + gateway6 !== "");
  return candidates.toSorted((a, b) => (b.gatewayPriority ?? 0) - (a.gatewayPriority ?? 0))[0];
}
