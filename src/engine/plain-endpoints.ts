import { createHash } from "node:crypto";
import type { Endpoint, Network } from "../network/driver.ts";
import { isActive, type ContainerRecord } from "./containers/record.ts";

/** What a network's document tells of an endpoint. */
export type ShownEndpoint = Pick<
  Endpoint,
  "id" | "containerId" | "macAddress" | "address" | "prefixLength" | "address6" | "prefixLength6"
>;

/**
 * ID of a running container's endpoint on `host` or `none`: nothing stands behind it but the container itself, so it
 * is made of the two IDs. Pure.
 */
export function plainEndpointId(containerId: string, networkId: string): string {
  return createHash("sha256").update(`${containerId} ${networkId}`).digest("hex");
}

/** The running containers on `host` or `none`. Pure. */
export function plainEndpoints(network: Network, records: readonly ContainerRecord[]): ShownEndpoint[] {
  const nothing = { macAddress: "", address: "", prefixLength: 0, address6: "", prefixLength6: 0 };
  return records
    .filter((record) => isActive(record) && Object.hasOwn(record.networks, network.name))
    .map(({ id }) => ({ id: plainEndpointId(id, network.id), containerId: id, ...nothing }));
}
