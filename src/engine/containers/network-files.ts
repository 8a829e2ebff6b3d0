import { readFile, writeFile } from "node:fs/promises";
import { hostsFile, resolvConfFile } from "../../network/files.ts";
import type { ContainerPaths } from "./document.ts";
import { pathsOf, type ContainerHost } from "./host.ts";
import { isLinkedTo, linkedHosts } from "./links.ts";
import { isActive, type ContainerRecord } from "./record.ts";

/** Writes the container's hosts, hostname and resolv.conf, anew for every start: addresses change. */
export async function writeNetworkFiles(
  host: Pick<ContainerHost, "store">,
  record: ContainerRecord,
  paths: ContainerPaths,
): Promise<void> {
  const { config, hostConfig, endpoints } = record;
  const hostNetwork = hostConfig.NetworkMode === "host";
  const [first] = Object.values(endpoints);
  // On a user-defined network one server answers for containers, and asks `--dns` for the rest.
  const named = Object.values(endpoints).flatMap(({ nameserver }) => nameserver ?? []);
  const hosts = hostsFile({
    hostname: config.Hostname ?? "",
    domainname: config.Domainname ?? "",
    addresses: Object.values(endpoints).flatMap(({ address, address6 }) => [address, address6]),
    extraHosts: hostConfig.ExtraHosts ?? [],
    linked: linkedHosts(host, record),
    hostGateway: first?.gateway ?? "127.0.0.1",
  });
  const resolvConf = resolvConfFile({
    host: await readFile("/etc/resolv.conf", "utf8").catch(() => ""),
    dns: named.length > 0 ? named : (hostConfig.Dns ?? []),
    dnsSearch: hostConfig.DnsSearch ?? [],
    dnsOptions: hostConfig.DnsOptions ?? [],
    hostNetwork,
  });
  await Promise.all([
    writeFile(paths.hosts, hostNetwork ? await hostNetworkHosts(hosts) : hosts),
    writeFile(paths.hostname, `${config.Hostname ?? ""}\n`),
    writeFile(paths.resolvConf, resolvConf),
  ]);
}

/** A container started: those that are linked to it learn its new address. */
export async function tellLinked(host: ContainerHost, started: ContainerRecord): Promise<void> {
  const linked = host.store.all().filter((record) => isActive(record) && isLinkedTo(host, record, started));
  await Promise.all(linked.map((record) => writeNetworkFiles(host, record, pathsOf(host, record.id))));
}

/** On the host's network the host's own names hold. */
async function hostNetworkHosts(otherwise: string): Promise<string> {
  return await readFile("/etc/hosts", "utf8").catch(() => otherwise);
}
