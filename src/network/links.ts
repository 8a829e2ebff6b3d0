import { existsSync } from "node:fs";
import { SlipwayError, errorMessage } from "../errors.ts";
import { JointWork } from "../internal/joint-work.ts";
import { commandOutput } from "../internal/run-command.ts";
import type { Endpoint, Network } from "./driver.ts";
import type { Home } from "./home.ts";

/** Largest packet of a network's links: Docker's option, or 1500. */
export function mtuOf(network: Network): number {
  const mtu = Number(network.options["com.docker.network.driver.mtu"] ?? 1500);
  if (Number.isInteger(mtu) && mtu >= 68 && mtu <= 65535) return mtu;
  throw new SlipwayError("invalid_argument", `invalid MTU "${mtu}"`);
}

/** The host's end of an endpoint's link pair: 15 bytes, from the endpoint's ID. */
export function hostLink(endpointId: string): string {
  return `veth${endpointId.slice(0, 11)}`;
}

/** `ip -batch` text that makes a bridge with its gateway addresses. */
export function bridgeCommands(network: Network): string {
  const { bridge } = network;
  return lines([
    `link add name ${bridge} mtu ${mtuOf(network)} type bridge`,
    ...(network.enableIPv6 ? [] : withoutLinkLocal(bridge)),
    ...gatewayLines(network),
    `link set dev ${bridge} up`,
  ]);
}

/** `ip -batch` text that gives a bridge that exists what it may lack. Idempotent. */
export function repairCommands(network: Network): string {
  return lines([...gatewayLines(network), `link set dev ${network.bridge} up`]);
}

/** No IPv6 address by itself. A kernel that was booted without IPv6 refuses the setting. */
function withoutLinkLocal(link: string): string[] {
  return existsSync("/proc/net/if_inet6") ? [`link set dev ${link} addrgenmode none`] : [];
}

function gatewayLines(network: Network): string[] {
  const gateways = network.subnets.filter(({ gateway }) => gateway !== "");
  return gateways.map(({ subnet, gateway }) => {
    const nodad = gateway.includes(":") ? " nodad" : "";
    return `addr replace ${gateway}/${subnet.split("/")[1]} dev ${network.bridge}${nodad}`;
  });
}

/**
 * Removes a bridge of that name which nothing is plugged into: what a root left that is gone. Throws `conflict` when
 * it is in use or no bridge.
 */
export async function removeIdleBridge(home: Home, link: string): Promise<void> {
  if (!(await home.linkExists(link))) return;
  const plugged = await home.plugged(link);
  if (plugged?.length === 0) return await deleteLink(home, link);
  const why = plugged === undefined ? "is no bridge" : "has links of other containers";
  throw new SlipwayError("conflict", `Cannot make the bridge "${link}": a link of that name ${why}`);
}

/**
 * `ip -batch` text for the host: a pair of links, one in the bridge, the other in the namespace. Hairpin mode lets a
 * container reach itself through its published port when bridged packets pass through the firewall (br_netfilter).
 */
export function hostCommands(network: Network, endpoint: Endpoint, netns: string): string {
  const link = hostLink(endpoint.id);
  const mtu = mtuOf(network);
  const peer = `peer name ${endpoint.link} mtu ${mtu} address ${endpoint.macAddress} netns ${netns}`;
  return lines([
    `link add name ${link} mtu ${mtu} type veth ${peer}`,
    ...withoutLinkLocal(link),
    `link set dev ${link} master ${network.bridge}`,
    `link set dev ${link} type bridge_slave hairpin on`,
    `link set dev ${link} up`,
  ]);
}

/** `ip -batch` text for the container's end, inside the namespace. */
export function containerCommands(endpoint: Endpoint, isDefault: boolean): string {
  const { link, address, address6 } = endpoint;
  const has4 = address !== "";
  const has6 = address6 !== "";
  return lines([
    ...(has6 ? [] : withoutLinkLocal(link)),
    ...(has4 ? [`addr add ${address}/${endpoint.prefixLength} broadcast + dev ${link}`] : []),
    ...(has6 ? [`addr add ${address6}/${endpoint.prefixLength6} dev ${link} nodad`] : []),
    ...(endpoint.linkLocal ?? []).map(
      (extra) => `addr add ${extra}/${extra.includes(":") ? 64 : 16} dev ${link}`,
    ),
    `link set dev ${link} up`,
    ...(isDefault ? defaultRoutes(endpoint) : []),
  ]);
}

/** `ip -batch` text that makes an endpoint's network the one to the rest of the world. */
export function defaultRouteCommands(endpoint: Endpoint): string {
  return lines(defaultRoutes(endpoint));
}

function defaultRoutes({ link, address, address6, gateway, gateway6 }: Endpoint): string[] {
  const has4 = address !== "" && gateway !== "";
  const has6 = address6 !== "" && gateway6 !== "";
  return [
    ...(has4 ? [`route replace default via ${gateway} dev ${link}`] : []),
    ...(has6 ? [`route replace default via ${gateway6} dev ${link}`] : []),
  ];
}

/** A pair of links to make: its end on the host, and the `ip -batch` text of {@link hostCommands}. */
export interface LinkPair {
  readonly link: string;
  readonly commands: string;
}

/**
 * Makes pairs of links; those asked for side by side share a run of `ip`, which stops at the first line that fails. What
 * it may have made before that goes when each pair is then made by itself: no container uses its links yet.
 */
export function linkPairs(home: Home): JointWork<LinkPair> {
  return new JointWork({
    together: (pairs) => home.ip(pairs.map(({ commands }) => commands).join("")),
    alone: async ({ link, commands }) => {
      await deleteLink(home, link);
      await home.ip(commands);
    },
  });
}

/** Runs `ip -batch` text in a network namespace; the first line that fails ends it. */
export async function ipInside(netns: string, commands: string): Promise<void> {
  await commandOutput(["nsenter", `--net=${netns}`, "ip", "-batch", "-"], { input: commands });
}

/** Removes a link of the host. Idempotent. */
export async function deleteLink(home: Home, link: string): Promise<void> {
  try {
    await commandOutput(home.command(["ip", "link", "delete", "dev", link]));
  } catch (error) {
    if (!/Cannot find device/.test(errorMessage(error))) throw error;
  }
}

function lines(commands: readonly string[]): string {
  return commands.map((command) => `${command}\n`).join("");
}
