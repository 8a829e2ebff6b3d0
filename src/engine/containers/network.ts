import { SlipwayError } from "../../errors.ts";
import type { CleanupStack } from "../../internal/cleanup-stack.ts";
import type { Endpoint, PortMapping } from "../../network/driver.ts";
import type { EndpointSettings } from "../types/network.ts";
import { portMappings } from "./create/host-config.ts";
import type { ContainerHost } from "./host.ts";
import type { ContainerRecord } from "./record.ts";

/** The path of the namespace the container's process joins; undefined: the host's. */
export type Netns = string | undefined;

/**
 * Makes the container's network namespace, where it has one of its own. It is undone through `undo`. Throws
 * `conflict` when the container whose namespace it shares does not run.
 */
export async function makeNamespace(
  host: ContainerHost,
  record: ContainerRecord,
  undo: CleanupStack,
): Promise<Netns> {
  const mode = record.hostConfig.NetworkMode ?? "bridge";
  if (mode === "host") return undefined;
  if (mode.startsWith("container:")) return namespaceOf(host, mode.slice("container:".length));
  const netns = await host.netns.create(record.id);
  undo.push(() => host.netns.delete(record.id));
  return netns;
}

/** Connects the container's namespace to its networks; the first that is not internal publishes the ports. Undone through `undo`. */
export async function connectNetworks(
  host: ContainerHost,
  record: ContainerRecord,
  undo: CleanupStack,
): Promise<void> {
  const mode = record.hostConfig.NetworkMode ?? "bridge";
  if (mode.startsWith("container:")) return;
  for (const [name, asked] of Object.entries(record.networks))
    record.networks[name] = { ...asked, NetworkID: host.networks.get(name).id };
  if (mode === "host" || mode === "none") return;
  undo.push(() => disconnectEndpoints(host, record));
  // The ports of one that sleeps are the engine's own sockets.
  const ports = record.lazy === undefined ? portMappings(record.config, record.hostConfig) : [];
  const publisher = Object.keys(record.networks).find((name) => !host.networks.get(name).internal);
  for (const [name, asked] of Object.entries(record.networks)) {
    const published = name === publisher ? ports : [];
    record.endpoints[name] = await attachTo(host, record, host.netns.path(record.id), name, asked, published);
  }
}

/** What of an endpoint has no effect here is refused by name. Throws `not_implemented`. */
export function checkEndpointSettings(asked: EndpointSettings): void {
  const [option] = Object.keys(asked.DriverOpts ?? {});
  if (option !== undefined)
    throw new SlipwayError("not_implemented", `driver-opt ${option} is not supported`);
}

/** Connects one network to a namespace that is there. */
export async function attachTo(
  host: ContainerHost,
  record: ContainerRecord,
  netns: string,
  name: string,
  asked: EndpointSettings,
  ports: readonly PortMapping[],
): Promise<Endpoint> {
  const { IPv4Address, IPv6Address, LinkLocalIPs } = asked.IPAMConfig ?? {};
  return await host.bridges.attach(host.networks.get(name), netns, {
    containerId: record.id,
    containerName: record.name,
    aliases: [...(asked.Aliases ?? []), record.id.slice(0, 12)],
    ports,
    dns: record.hostConfig.Dns ?? [],
    ...(IPv4Address ? { address: IPv4Address } : {}),
    ...(IPv6Address ? { address6: IPv6Address } : {}),
    ...(LinkLocalIPs ? { linkLocal: LinkLocalIPs } : {}),
    ...(asked.GwPriority ? { gatewayPriority: asked.GwPriority } : {}),
    ...(asked.MacAddress ? { macAddress: asked.MacAddress } : {}),
  });
}

/** A running container is found by its new name, and no more by the old one. */
export async function renameOnNetworks(
  host: ContainerHost,
  record: ContainerRecord,
  oldName: string,
): Promise<void> {
  for (const [network, endpoint] of Object.entries(record.endpoints)) {
    const others = (endpoint.names ?? []).filter((name) => name !== oldName && name !== record.name);
    record.endpoints[network] = await host.bridges.rename(endpoint, [record.name, ...others]);
  }
  if (Object.keys(record.endpoints).length > 0) host.store.put(record);
}

/** Frees addresses, ports, links and the namespace. Idempotent; the record is changed, not written. */
export async function disconnectNetworks(host: ContainerHost, record: ContainerRecord): Promise<void> {
  await disconnectEndpoints(host, record);
  await host.netns.delete(record.id);
}

async function disconnectEndpoints(host: ContainerHost, record: ContainerRecord): Promise<void> {
  const endpoints = Object.values(record.endpoints);
  record.endpoints = {};
  await Promise.all(endpoints.map((endpoint) => host.bridges.detach(endpoint)));
}

/** The namespace of another container, which must run. */
function namespaceOf(host: ContainerHost, name: string): Netns {
  const other = host.store.get(name);
  if (host.live.of(other.id).task === undefined) {
    throw new SlipwayError(
      "conflict",
      `cannot join network namespace of a non running container: ${other.id}`,
    );
  }
  const mode = other.hostConfig.NetworkMode ?? "bridge";
  if (mode === "host") return undefined;
  return mode.startsWith("container:")
    ? namespaceOf(host, mode.slice("container:".length))
    : host.netns.path(other.id);
}
