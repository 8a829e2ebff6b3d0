import { defaultMaskedPaths, defaultReadonlyPaths } from "../../runtime/spec/default-paths.ts";
import type { ContainerConfig, HostConfig } from "../types/container-config.ts";
import type { ContainerHost } from "./host.ts";
import { shownLinks } from "./links.ts";
import type { ContainerRecord } from "./record.ts";

type ShownHost = Pick<ContainerHost, "store" | "facts"> & { readonly runtime: { readonly name: string } };

/**
 * The host part of a container as `inspect` shows it: every field of the document, what was not asked for with what
 * it came to, or with its zero value. Pure.
 */
export function shownHostConfig(host: ShownHost, record: ContainerRecord): HostConfig {
  const asked = record.hostConfig;
  const paths = asked.Privileged === true ? undefined : systemPaths;
  const swap = host.facts.swapLimit ? 2 * (asked.Memory ?? 0) : 0;
  return {
    ...zeroHostConfig,
    ...given(asked),
    Runtime: asked.Runtime || host.runtime.name,
    CgroupnsMode: asked.CgroupnsMode || (host.facts.cgroupMode === "v2" ? "private" : "host"),
    MemorySwap: asked.MemorySwap || swap,
    MaskedPaths: asked.MaskedPaths ?? paths?.masked ?? null,
    ReadonlyPaths: asked.ReadonlyPaths ?? paths?.readonly ?? null,
    Links: shownLinks(host, record),
  };
}

/** As {@link shownHostConfig}, of what came with the image or took its place. Pure. */
export function shownConfig(config: ContainerConfig): ContainerConfig {
  return { ...zeroConfig, ...given(config) };
}

/** Without the fields that are undefined, which would hide a zero value. */
function given<T extends object>(config: T): T {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as T;
}

const systemPaths = { masked: [...defaultMaskedPaths], readonly: [...defaultReadonlyPaths] };

const zeroResources = {
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: "",
  BlkioWeight: 0,
  BlkioWeightDevice: null,
  BlkioDeviceReadBps: null,
  BlkioDeviceWriteBps: null,
  BlkioDeviceReadIOps: null,
  BlkioDeviceWriteIOps: null,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: "",
  CpusetMems: "",
  Devices: null,
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: false,
  PidsLimit: null,
  Ulimits: null,
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
};

const zeroHostConfig: HostConfig & Record<string, unknown> = {
  Binds: null,
  ContainerIDFile: "",
  AutoRemove: false,
  VolumeDriver: "",
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  CapAdd: null,
  CapDrop: null,
  Dns: null,
  DnsOptions: null,
  DnsSearch: null,
  ExtraHosts: null,
  GroupAdd: null,
  Cgroup: "",
  OomScoreAdj: 0,
  PidMode: "",
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: "",
  UsernsMode: "",
  Isolation: "",
  ...zeroResources,
};

const zeroConfig: ContainerConfig = {
  Domainname: "",
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  OnBuild: null,
};
