import { SlipwayError } from "../../errors.ts";
import { useHostCA } from "../../runtime/host-ca.ts";
import { readDevices } from "../../runtime/spec/host-devices.ts";
import type { OciMount } from "../../runtime/spec/oci-spec.ts";
import type {
  DeviceInput,
  NamespaceSource,
  ResourceInput,
  RuntimeSpecInput,
} from "../../runtime/spec/spec-input.ts";
import { readAccountsToStart, resolveUser } from "../../runtime/user.ts";
import type { ContainerConfig, HostConfig } from "../types/container-config.ts";
import { blockDeviceLimits } from "./block-devices.ts";
import type { ContainerPaths } from "./document.ts";
import { processEnv } from "./environment.ts";
import { pathsOf, type ContainerHost } from "./host.ts";
import { sharedMemory } from "./shared-memory.ts";
import { mountOf, tmpfsOf } from "./create/mount-options.ts";
import type { Netns } from "./network.ts";
import { commandOf, type ContainerRecord } from "./record.ts";
import { securityOf } from "./security-options.ts";

/** What the record asks for, in the words of the runtime's specification. Reads the image's user files. */
export async function specInput(
  host: ContainerHost,
  record: ContainerRecord,
  paths: ContainerPaths,
  netns: Netns,
): Promise<RuntimeSpecInput> {
  const { config, hostConfig } = record;
  const user = resolveUser(config.User ?? "", hostConfig.GroupAdd ?? [], readAccountsToStart(paths.rootfs));
  return {
    id: record.id,
    args: commandOf(config),
    env: processEnv(host, record, { terminal: config.Tty === true, home: user.home }),
    cwd: config.WorkingDir || "/",
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    rootfs: paths.rootfs,
    readonlyRootfs: hostConfig.ReadonlyRootfs === true,
    ...(hostConfig.UTSMode === "host" ? {} : names(config)),
    terminal: config.Tty === true,
    ...consoleSize(hostConfig),
    mounts: [
      ...fileMounts(filesOf(host, record, paths)),
      ...(await mountsOf(host, record)),
      ...(await sharedMemory(host, record)),
      ...caMounts(host, record),
      ...deviceMounts(host, hostConfig),
    ],
    tmpfs: tmpfsOf(record),
    ...(hostConfig.ShmSize ? { shmSize: hostConfig.ShmSize } : {}),
    ...(hostConfig.IpcMode === "none" ? { sharedMemory: false } : {}),
    ...namespaces(host, hostConfig, netns),
    ...securityOf(hostConfig, host.facts),
    devices: host.facts.rootless === undefined ? devicesOf(hostConfig) : [],
    deviceRules: hostConfig.DeviceCgroupRules ?? [],
    resources: { ...resourcesOf(hostConfig), blockDevices: blockDeviceLimits(hostConfig) },
    ...(hostConfig.CgroupParent ? { cgroupParent: hostConfig.CgroupParent } : {}),
    ulimits: (hostConfig.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({
      name: Name,
      soft: Soft,
      hard: Hard,
    })),
    sysctls: hostConfig.Sysctls ?? {},
    ...(hostConfig.OomScoreAdj ? { oomScoreAdj: hostConfig.OomScoreAdj } : {}),
    ...(hostConfig.Init ? { init: initProgram(host) } : {}),
    annotations: hostConfig.Annotations ?? {},
  };
}

function names({ Hostname, Domainname }: ContainerConfig): Pick<RuntimeSpecInput, "hostname" | "domainname"> {
  return { ...(Hostname ? { hostname: Hostname } : {}), ...(Domainname ? { domainname: Domainname } : {}) };
}

/** In the network of another container, that one's files hold. */
function filesOf(host: ContainerHost, record: ContainerRecord, paths: ContainerPaths): ContainerPaths {
  const mode = record.hostConfig.NetworkMode ?? "";
  if (!mode.startsWith("container:")) return paths;
  const other = host.store.get(mode.slice("container:".length));
  return filesOf(host, other, pathsOf(host, other.id));
}

function fileMounts(paths: ContainerPaths): OciMount[] {
  const bind = (destination: string, source: string) => ({
    destination,
    type: "bind",
    source,
    options: ["rbind", "rprivate"],
  });
  return [
    bind("/etc/resolv.conf", paths.resolvConf),
    bind("/etc/hostname", paths.hostname),
    bind("/etc/hosts", paths.hosts),
  ];
}

async function mountsOf(host: ContainerHost, record: ContainerRecord): Promise<OciMount[]> {
  const mounts = record.mounts.filter(({ request }) => request.type !== "tmpfs");
  const { bundle } = pathsOf(host, record.id);
  return await Promise.all(mounts.map(({ request }) => mountOf(host, request, bundle)));
}

function devicesOf(config: HostConfig): DeviceInput[] {
  return (config.Devices ?? []).flatMap((each) =>
    readDevices(each.PathOnHost, each.PathInContainer, each.CgroupPermissions),
  );
}

/** Without root no node can be made: the host's own is bound, for what its owner and mode allow. */
function deviceMounts({ facts }: Pick<ContainerHost, "facts">, config: HostConfig): OciMount[] {
  if (facts.rootless === undefined) return [];
  devicesOf(config);
  return (config.Devices ?? []).map(({ PathOnHost: source, PathInContainer: destination }) => ({
    destination,
    type: "bind",
    source,
    options: ["rbind", "rprivate", "nosuid", "noexec"],
  }));
}

/** Docker's client says the size of its terminal at the creation, so that the first picture is right. */
function consoleSize({ ConsoleSize: size }: HostConfig): Pick<RuntimeSpecInput, "consoleSize"> {
  const [rows = 0, columns = 0] = size ?? [];
  return rows > 0 && columns > 0 ? { consoleSize: { rows, columns } } : {};
}

function caMounts(host: ContainerHost, record: ContainerRecord): OciMount[] {
  if (!record.hostCA) return [];
  if (host.hostCA === undefined) throw new SlipwayError("not_found", "--host-ca: this host has no CA bundle");
  return [useHostCA(host.hostCA, record.config.Env ?? []).mount];
}

function namespaces(host: ContainerHost, config: HostConfig, netns: Netns): Partial<RuntimeSpecInput> {
  const network: NamespaceSource = netns === undefined ? "host" : { path: netns };
  return {
    network,
    ...namespaceOf(host, "pid", config.PidMode),
    ...namespaceOf(host, "ipc", config.IpcMode),
    ...(config.UTSMode === "host" ? { uts: "host" } : {}),
    ...(config.CgroupnsMode === "host" || config.CgroupnsMode === "private"
      ? { cgroup: config.CgroupnsMode }
      : {}),
  };
}

/** `host`, `container:NAME`, or the container's own. */
function namespaceOf(
  host: ContainerHost,
  kind: "pid" | "ipc",
  mode: string | undefined,
): Partial<RuntimeSpecInput> {
  if (mode === "host") return { [kind]: "host" };
  if (!mode?.startsWith("container:")) return {};
  const other = host.store.get(mode.slice("container:".length));
  if (host.live.of(other.id).task === undefined) {
    throw new SlipwayError(
      "conflict",
      `cannot join ${kind.toUpperCase()} of a non running container: ${other.id}`,
    );
  }
  return { [kind]: { path: `/proc/${other.state.pid}/ns/${kind}` } };
}

/** The limits, in the words of the runtime's specification. Pure. */
export function resourcesOf(config: HostConfig): ResourceInput {
  const positive = (value: number | null | undefined) => (value && value > 0 ? value : undefined);
  const given = (value: number | null | undefined) => (value ? value : undefined);
  return {
    memory: positive(config.Memory),
    memorySwap: given(config.MemorySwap),
    memoryReservation: positive(config.MemoryReservation),
    memorySwappiness:
      config.MemorySwappiness != null && config.MemorySwappiness >= 0 ? config.MemorySwappiness : undefined,
    oomKillDisable: config.OomKillDisable ?? undefined,
    nanoCpus: positive(config.NanoCpus),
    cpuShares: positive(config.CpuShares),
    cpuPeriod: positive(config.CpuPeriod),
    cpuQuota: given(config.CpuQuota),
    cpusetCpus: config.CpusetCpus || undefined,
    cpusetMems: config.CpusetMems || undefined,
    pidsLimit: given(config.PidsLimit),
    blkioWeight: positive(config.BlkioWeight),
    cpuRealtimePeriod: positive(config.CpuRealtimePeriod),
    cpuRealtimeRuntime: positive(config.CpuRealtimeRuntime),
  };
}

function initProgram(host: ContainerHost): string {
  if (host.init !== undefined) return host.init;
  throw new SlipwayError("unavailable", "--init needs an init program: install tini or catatonit");
}
