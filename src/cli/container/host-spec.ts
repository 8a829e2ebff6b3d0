import type { HostConfig, RestartPolicy } from "../../engine/types/container-config.ts";
import { parseUlimit } from "../../internal/parse-ulimit.ts";
import { UsageError } from "../flags/parse-flags.ts";
import { parsePairs } from "../flags/values.ts";
import type { ContainerFlags } from "../flags/container-flags.ts";
import { parseDevice } from "./device-spec.ts";
import { networkMode } from "./network-spec.ts";
import { portBindings } from "./port-spec.ts";
import { securityOptions } from "./security-spec.ts";
import { binds, mounts } from "./volume-spec.ts";

/** `HostConfig` for the options of `run` and `create`. */
export function hostConfig(flags: ContainerFlags, given: ReadonlySet<string>): HostConfig {
  return {
    Binds: binds(flags.volume),
    Mounts: mounts(flags.mount),
    NetworkMode: networkMode(flags.network),
    PortBindings: portBindings(flags.publish),
    PublishAllPorts: flags["publish-all"],
    RestartPolicy: restartOf(flags),
    AutoRemove: flags.rm,
    ...(flags["restart-unhealthy"] ? { RestartUnhealthy: true } : {}),
    LogConfig: { Type: flags["log-driver"], Config: parsePairs(flags["log-opt"]) },
    ContainerIDFile: flags.cidfile,
    ...storage(flags),
    ...isolation(flags),
    ...naming(flags),
    ...limits(flags, given),
  };
}

function restartOf({ restart, rm }: ContainerFlags): RestartPolicy {
  const policy = restartPolicy(restart);
  if (rm && policy.Name !== "no" && policy.Name !== "")
    throw new UsageError("conflicting options: cannot specify both --restart and --rm");
  return policy;
}

/** `on-failure:3`, `always`. Throws in Docker's words. */
export function restartPolicy(text: string): RestartPolicy {
  const [name = "", ...counts] = text.split(":");
  const count = counts.length === 0 ? undefined : counts.join(":");
  if (name === "" && count !== undefined)
    throw new UsageError("invalid restart policy format: no policy provided before colon");
  if (count !== undefined && !/^-?\d+$/.test(count)) {
    throw new UsageError("invalid restart policy format: maximum retry count must be an integer");
  }
  return { Name: name as "no", MaximumRetryCount: count === undefined ? 0 : Number(count) };
}

function storage(flags: ContainerFlags): HostConfig {
  return {
    VolumesFrom: [...flags["volumes-from"]],
    VolumeDriver: flags["volume-driver"],
    ReadonlyRootfs: flags["read-only"],
    Tmpfs: Object.fromEntries(flags.tmpfs.map((word) => splitAt(word, ":"))),
    StorageOpt: parsePairs(flags["storage-opt"]),
    ShmSize: flags["shm-size"] ?? 0,
  };
}

function isolation(flags: ContainerFlags): HostConfig {
  return {
    CapAdd: [...flags["cap-add"]],
    CapDrop: [...flags["cap-drop"]],
    Privileged: flags.privileged,
    ...securityOptions(flags["security-opt"]),
    Devices: flags.device.map(parseDevice),
    DeviceCgroupRules: [...flags["device-cgroup-rule"]],
    GroupAdd: [...flags["group-add"]],
    IpcMode: flags.ipc,
    PidMode: pidMode(flags.pid),
    UTSMode: hostOrOwn("--uts: invalid UTS mode", flags.uts),
    UsernsMode: hostOrOwn("--userns: invalid USER mode", flags.userns),
    CgroupnsMode: cgroupNamespace(flags.cgroupns),
    CgroupParent: flags["cgroup-parent"],
    Sysctls: parsePairs(flags.sysctl),
    Annotations: parsePairs(flags.annotation),
    Runtime: flags.runtime,
    ...(flags.isolation === "" ? {} : { Isolation: flags.isolation }),
    ...(flags.gpus.length === 0 ? {} : { DeviceRequests: [...flags.gpus] }),
    Init: flags.init || null,
  };
}

function naming(flags: ContainerFlags): HostConfig {
  return {
    Dns: [...flags.dns],
    DnsOptions: [...flags["dns-option"]],
    DnsSearch: [...flags["dns-search"]],
    ExtraHosts: [...flags["add-host"]],
    Links: [...flags.link],
  };
}

function limits(flags: ContainerFlags, given: ReadonlySet<string>): HostConfig {
  return {
    Memory: flags.memory ?? 0,
    MemoryReservation: flags["memory-reservation"] ?? 0,
    MemorySwap: flags["memory-swap"] ?? 0,
    MemorySwappiness: swappiness(flags["memory-swappiness"]),
    NanoCpus: Math.round((flags.cpus ?? 0) * 1e9),
    CpuShares: flags["cpu-shares"] ?? 0,
    CpuPeriod: flags["cpu-period"] ?? 0,
    CpuQuota: flags["cpu-quota"] ?? 0,
    CpuRealtimePeriod: flags["cpu-rt-period"] ?? 0,
    CpuRealtimeRuntime: flags["cpu-rt-runtime"] ?? 0,
    CpusetCpus: flags["cpuset-cpus"],
    CpusetMems: flags["cpuset-mems"],
    PidsLimit: flags["pids-limit"] ?? 0,
    BlkioWeight: flags["blkio-weight"] ?? 0,
    BlkioWeightDevice: [...flags["blkio-weight-device"]],
    BlkioDeviceReadBps: [...flags["device-read-bps"]],
    BlkioDeviceWriteBps: [...flags["device-write-bps"]],
    BlkioDeviceReadIOps: [...flags["device-read-iops"]],
    BlkioDeviceWriteIOps: [...flags["device-write-iops"]],
    OomKillDisable: given.has("oom-kill-disable") ? flags["oom-kill-disable"] : false,
    OomScoreAdj: flags["oom-score-adj"] ?? 0,
    Ulimits: flags.ulimit.map(parseUlimit).map(({ name: Name, soft: Soft, hard: Hard }) => ({
      Name,
      Soft,
      Hard,
    })),
  };
}

function splitAt(word: string, separator: string): [string, string] {
  const at = word.indexOf(separator);
  return at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
}

function pidMode(mode: string): string {
  if (/^(|host|container:.+)$/.test(mode)) return mode;
  throw new UsageError("--pid: invalid PID mode");
}

function hostOrOwn(complaint: string, mode: string): string {
  if (mode === "" || mode === "host") return mode;
  throw new UsageError(complaint);
}

function cgroupNamespace(mode: string): string {
  if (/^(|host|private)$/.test(mode)) return mode;
  throw new UsageError("--cgroupns: invalid CGROUP mode");
}

function swappiness(value = -1): number {
  if (value >= -1 && value <= 100) return value;
  throw new UsageError(`invalid value: ${value}. Valid memory swappiness range is 0-100`);
}
