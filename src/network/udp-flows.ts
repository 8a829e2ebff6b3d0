import { forgetUdpAnsweredBy, forgetUdpTo } from "../platform/conntrack.ts";
import type { Endpoint, PortMapping } from "./driver.ts";

/** UDP has no connections that end: the kernel goes on with a flow as it met it first, until it is told to forget it. */
function udpOf(endpoint: Endpoint): PortMapping[] {
  return endpoint.ports.filter(({ protocol }) => protocol === "udp");
}

/** Call it when its ports were published: who sent to one before goes on meeting nobody otherwise. */
export function forgetFlowsTo(endpoint: Endpoint): void {
  for (const { hostPort } of udpOf(endpoint))
    for (const family of [4, 6] as const) forgetUdpTo(hostPort, family);
}

/** Call it when it is gone: a client that goes on sending must not reach an address that is another container's by then. */
export function forgetFlowsOf(endpoint: Endpoint): void {
  const addresses = [endpoint.address, endpoint.address6].filter((address) => address !== "");
  for (const { containerPort } of udpOf(endpoint))
    for (const address of addresses) forgetUdpAnsweredBy(address, containerPort);
}
