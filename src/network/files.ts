import { isIP } from "node:net";

export interface HostsInput {
  readonly hostname: string;
  readonly domainname?: string;
  /** The container's own addresses, IPv4 and IPv6; its names stand beside each. */
  readonly addresses: readonly string[];
  /** `--add-host`, `name:address` or `name=address`; the address `host-gateway` is replaced by `hostGateway`. */
  readonly extraHosts?: readonly string[];
  readonly hostGateway?: string;
  /** Addresses of linked containers, each with its names. */
  readonly linked?: readonly (readonly [address: string, names: string])[];
}

/** The content of a container's `/etc/hosts`. Pure. */
export function hostsFile(input: HostsInput): string {
  const { hostname, domainname = "" } = input;
  const names = domainname === "" ? hostname : `${hostname}.${domainname} ${hostname}`;
  const lines = [
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::0\tip6-localnet",
    "ff00::0\tip6-mcastprefix",
    "ff02::1\tip6-allnodes",
    "ff02::2\tip6-allrouters",
    ...extraLines(input),
    ...(input.linked ?? []).map(([address, linkedNames]) => `${address}\t${linkedNames}`),
    ...input.addresses.filter((address) => address !== "").map((address) => `${address}\t${names}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** The host's own file, for a container on its network, with what `--add-host` adds. Pure. */
export function hostNetworkHosts(
  text: string,
  input: Pick<HostsInput, "extraHosts" | "hostGateway">,
): string {
  const lines = extraLines(input).map((line) => `${line}\n`);
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${lines.join("")}`;
}

function extraLines({ extraHosts = [], hostGateway }: Pick<HostsInput, "extraHosts" | "hostGateway">) {
  return extraHosts.map((extra) => hostsLine(extra, hostGateway));
}

export interface ResolvConfInput {
  /** The host's own file. */
  readonly host: string;
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly dnsOptions?: readonly string[];
  /** The container shares the host's network, where loopback resolvers answer. */
  readonly hostNetwork?: boolean;
}

/** Asked when the host has only resolvers on its loopback, which a container cannot reach. */
const fallbackServers = ["8.8.8.8", "8.8.4.4"];

/** The content of a container's `/etc/resolv.conf`. Pure. A search of `.` means none. */
export function resolvConfFile(input: ResolvConfInput): string {
  const host = readResolvConf(input.host);
  const reachable = host.servers.filter((server) => input.hostNetwork === true || !isLoopback(server));
  const servers = firstFilled(input.dns, reachable, fallbackServers);
  const search = firstFilled(input.dnsSearch, host.search).filter((domain) => domain !== ".");
  const options = firstFilled(input.dnsOptions, host.options);
  return [
    ...servers.map((server) => `nameserver ${server}\n`),
    ...(search.length > 0 ? [`search ${search.join(" ")}\n`] : []),
    ...(options.length > 0 ? [`options ${options.join(" ")}\n`] : []),
  ].join("");
}

/** The name servers a host's resolv.conf names, without those of its loopback. Pure. */
export function reachableServers(resolvConf: string): string[] {
  return readResolvConf(resolvConf).servers.filter((server) => !isLoopback(server));
}

/** The text of `/etc/hostname`. */
export function hostnameFile(hostname: string): string {
  return `${hostname}\n`;
}

/** `name:address` or `name=address` as a line of a hosts file. Pure. */
export function hostsLine(extra: string, hostGateway: string | undefined): string {
  // An IPv6 address has colons of its own, so the first separator counts.
  const at = extra.search(/[:=]/);
  const name = extra.slice(0, at);
  const address = extra.slice(at + 1).replace(/^\[(.*)\]$/, "$1");
  return `${address === "host-gateway" ? (hostGateway ?? address) : address}\t${name}`;
}

function readResolvConf(text: string): { servers: string[]; search: string[]; options: string[] } {
  const result = { servers: [] as string[], search: [] as string[], options: [] as string[] };
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "nameserver" && isAddress(values[0])) result.servers.push(values[0] ?? "");
    // The last of several counts: resolv.conf(5).
    if (keyword === "search" || keyword === "domain") result.search = values;
    if (keyword === "options") result.options.push(...values);
  }
  return result;
}

function isAddress(text: string | undefined): boolean {
  return isIP(text?.replace(/%.*/, "") ?? "") !== 0;
}

function isLoopback(server: string): boolean {
  return server.startsWith("127.") || server === "::1";
}

function firstFilled(...lists: (readonly string[] | undefined)[]): readonly string[] {
  return lists.find((list) => list !== undefined && list.length > 0) ?? [];
}
