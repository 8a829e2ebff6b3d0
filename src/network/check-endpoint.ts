import { isIP } from "node:net";
import { SlipwayError } from "../errors.ts";
import type { EndpointConfig, PortMapping } from "./driver.ts";

/**
 * Checks what of an endpoint's configuration goes into the scripts of `ip` and `nft` and the file of names, where a space or a line break
 * would be a word of its own. Throws `invalid_argument`.
 */
export function checkEndpoint(netns: string, config: EndpointConfig): void {
  if (!/^\/[\w./@+:=,-]*$/.test(netns)) throw invalid(`invalid path of a network namespace: "${netns}"`);
  const mac = config.macAddress;
  if (mac !== undefined && !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) {
    throw invalid(`invalid MAC address: "${mac}"`);
  }
  for (const name of [config.containerName, ...(config.aliases ?? [])]) {
    if (!/^[\w.-]+$/.test(name)) throw invalid(`invalid name for a container on a network: "${name}"`);
  }
  const strange = config.dns?.find((server) => isIP(server) === 0);
  if (strange !== undefined) throw invalid(`invalid address of a DNS server: "${strange}"`);
  for (const address of config.linkLocal ?? []) {
    const isLinkLocal = isIP(address) === 4 ? address.startsWith("169.254.") : /^fe[89ab]/i.test(address);
    if (isIP(address) === 0 || !isLinkLocal) throw invalid(`invalid link-local IP address: "${address}"`);
  }
  config.ports.forEach(checkPort);
}

function checkPort(port: PortMapping): void {
  const { hostIP, hostPort, hostPortEnd = hostPort, containerPort, protocol } = port;
  if (hostIP !== "" && (isIP(hostIP) === 0 || hostIP.includes("%"))) {
    throw invalid(`invalid IP address: "${hostIP}"`);
  }
  const numbers = [hostPort, hostPortEnd, containerPort];
  const valid = numbers.every((n) => Number.isInteger(n) && n >= 0 && n <= 65535) && containerPort > 0;
  if (!valid || hostPortEnd < hostPort) {
    throw invalid(`invalid port mapping: ${hostPort}-${hostPortEnd}:${containerPort}/${protocol}`);
  }
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("invalid_argument", message);
}
