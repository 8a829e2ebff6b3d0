import { readFile, writeFile } from "node:fs/promises";
import { hostNetworkHosts, hostsFile, resolvConfFile } from "../../network/files.ts";
import type { ContainerPaths } from "./document.ts";
import { pathsOf, type ContainerHost } from "./host.ts";
import { isLinkedTo, linkedHosts } from "./links.ts";
import { isActive, type ContainerRecord } from "./record.ts";

type FilesHost = Pick<ContainerHost, "store">;
interface NetworkFiles {
  readonly hosts: string;
  readonly resolvConf: string;
}

/** Writes the container's hosts, hostname and resolv.conf, anew for every start: addresses change. */
export async function writeNetworkFiles(
  host: FilesHost,
  record: ContainerRecord,
  paths: ContainerPaths,
): Promise<void> {
  const { hosts, resolvConf } = await networkFiles(host, record);
  await Promise.all([
    writeFile(paths.hosts, hosts),
    writeFile(paths.hostname, `${record.config.Hostname ?? ""}\n`),
    writeFile(paths.resolvConf, resolvConf),
  ]);
}

/**
 * Lets `change` change the networks of a running container, and its files after them. What somebody in the container wrote stays:
 * a resolv.conf that is not ours any more is left, and of hosts only our own lines change.
 */
export async function changeNetworkFiles(
  host: Pick<ContainerHost, "store" | "root" | "runDirectory" | "netns">,
  record: ContainerRecord,
  change: () => void,
): Promise<void> {
  const paths = pathsOf(host, record.id);
  const before = await networkFiles(host, record);
  change();
  const after = await networkFiles(host, record);
  const [hosts, resolvConf] = await Promise.all([
    readFile(paths.hosts, "utf8"),
    readFile(paths.resolvConf, "utf8"),
  ]);
  if (hosts !== after.hosts)
    await writeFile(paths.hosts, changedLines(hosts, { before: before.hosts, after: after.hosts }));
  if (resolvConf === before.resolvConf) await writeFile(paths.resolvConf, after.resolvConf);
}

/** `text` without the lines that are only in `before`, with those that are only in `after` at its end. Pure. */
function changedLines(text: string, { before, after }: { before: string; after: string }): string {
  const [old, fresh] = [before.split("\n"), after.split("\n")];
  const kept = text
    .split("\n")
    .filter((line) => line !== "" && (fresh.includes(line) || !old.includes(line)));
  const added = fresh.filter((line) => line !== "" && !old.includes(line) && !kept.includes(line));
  return `${[...kept, ...added].join("\n")}\n`;
}

async function networkFiles(host: FilesHost, record: ContainerRecord): Promise<NetworkFiles> {
  const { config, hostConfig, endpoints } = record;
  const hostNetwork = hostConfig.NetworkMode === "host";
  const gateway = Object.values(endpoints).map(({ gateway, gateway6 }) => gateway || gateway6);
  // On a user-defined network one server answers for containers, and asks `--dns` for the rest.
  const named = Object.values(endpoints).flatMap(({ nameserver }) => nameserver ?? []);
  const added = { extraHosts: hostConfig.ExtraHosts ?? [], hostGateway: gateway[0] || "127.0.0.1" };
  const hosts = hostsFile({
    ...added,
    hostname: config.Hostname ?? "",
    domainname: config.Domainname ?? "",
    addresses: Object.values(endpoints).flatMap(({ address, address6 }) => [address, address6]),
    linked: linkedHosts(host, record),
  });
  const resolvConf = resolvConfFile({
    host: await readFile("/etc/resolv.conf", "utf8").catch(() => ""),
    dns: named.length > 0 ? named : (hostConfig.Dns ?? []),
    dnsSearch: hostConfig.DnsSearch ?? [],
    dnsOptions: hostConfig.DnsOptions ?? [],
    hostNetwork,
  });
  if (!hostNetwork) return { hosts, resolvConf };
  // There the host's own names hold.
  const own = await readFile("/etc/hosts", "utf8").catch(() => undefined);
  return { hosts: own === undefined ? hosts : hostNetworkHosts(own, added), resolvConf };
}

/** A container started: those that are linked to it learn its new address. */
export async function tellLinked(host: ContainerHost, started: ContainerRecord): Promise<void> {
  const linked = host.store.all().filter((record) => isActive(record) && isLinkedTo(host, record, started));
  await Promise.all(linked.map((record) => writeNetworkFiles(host, record, pathsOf(host, record.id))));
}
