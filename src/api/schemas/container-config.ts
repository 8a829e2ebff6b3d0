import type { ContainerConfig, HostConfig } from "../../engine/types/container-config.ts";
import { SlipwayError } from "../../errors.ts";
import {
  emptyObject,
  flag,
  integer,
  invalidField,
  listOf,
  mapOf,
  nullable,
  object,
  objectWith,
  text,
  unsupported,
  words,
  type Check,
} from "../schema.ts";

const healthcheck = object({
  Test: listOf(text),
  Interval: integer,
  Timeout: integer,
  StartPeriod: integer,
  StartInterval: integer,
  Retries: integer,
});

/** The fields of `ContainerConfig`, for use with others beside them. */
export const containerConfigFields = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: mapOf(emptyObject),
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: listOf(text),
  Cmd: words,
  Healthcheck: healthcheck,
  ArgsEscaped: flag,
  Image: text,
  Volumes: mapOf(emptyObject),
  WorkingDir: text,
  Entrypoint: words,
  NetworkDisabled: flag,
  OnBuild: listOf(text),
  Labels: mapOf(text),
  StopSignal: text,
  StopTimeout: integer,
  Shell: listOf(text),
};

/** Engine API `ContainerConfig`. */
export const containerConfig: Check<ContainerConfig> = object(containerConfigFields);

const portBinding: Check<{ HostIp: string; HostPort: string }> = (value, at) => ({
  HostIp: "",
  HostPort: "",
  ...object({ HostIp: text, HostPort: text })(value, at),
});

const mountTypes = ["bind", "volume", "tmpfs", "image"] as const;

/** In Docker's words, which the engine has for what the type alone does not tell. */
const mountType: Check<(typeof mountTypes)[number]> = (value, at) => {
  const name = text(value, at);
  const found = mountTypes.find((type) => type === name);
  if (found !== undefined) return found;
  const what = `invalid mount config for type "${name}": mount type unknown`;
  throw new SlipwayError("invalid_argument", what);
};

const mountFields = objectWith(["Type"], {
  Type: mountType,
  Source: text,
  Target: text,
  ReadOnly: flag,
  Consistency: text,
  BindOptions: object({
    Propagation: text,
    NonRecursive: flag,
    ReadOnlyNonRecursive: flag,
    ReadOnlyForceRecursive: flag,
    CreateMountpoint: flag,
  }),
  VolumeOptions: object({
    NoCopy: flag,
    Labels: mapOf(text),
    Subpath: text,
    DriverConfig: object({ Name: text, Options: mapOf(text) }),
  }),
  TmpfsOptions: object({ SizeBytes: integer, Mode: integer }),
  ImageOptions: object({ Subpath: text }),
});

const mount: Check<ReturnType<typeof mountFields> & { Target: string }> = (value, at) => ({
  Target: "",
  ...mountFields(value, at),
});

/** Rows and columns of a terminal. */
export const consoleSize: Check<[number, number]> = (value, at) => {
  const [height, width, ...more] = listOf(integer)(value, at);
  if (height === undefined || width === undefined || more.length > 0) throw invalidField(at, "two numbers");
  return [height, width];
};

const restartNames = ["", "no", "always", "unless-stopped", "on-failure"] as const;

const restartName: Check<(typeof restartNames)[number]> = (value, at) => {
  const name = text(value, at);
  const found = restartNames.find((known) => known === name);
  if (found !== undefined) return found;
  const allowed = "use one of 'no', 'always', 'on-failure', or 'unless-stopped'";
  throw new SlipwayError("invalid_argument", `invalid restart policy: unknown policy '${name}'; ${allowed}`);
};

const restartPolicy: Check<NonNullable<HostConfig["RestartPolicy"]>> = (value, at) => ({
  Name: "",
  ...object({
    Name: restartName,
    MaximumRetryCount: integer,
  })(value, at),
});

const device: Check<{ PathOnHost: string; PathInContainer: string; CgroupPermissions: string }> = (
  value,
  at,
) => ({
  PathOnHost: "",
  PathInContainer: "",
  CgroupPermissions: "rwm",
  ...object({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text })(value, at),
});

const ulimit = objectWith(["Name", "Soft", "Hard"], { Name: text, Soft: integer, Hard: integer });

const weightDevice = objectWith(["Path", "Weight"], { Path: text, Weight: integer });
const throttleDevice = objectWith(["Path", "Rate"], { Path: text, Rate: integer });

const deviceRequest = object({
  Driver: text,
  Count: integer,
  DeviceIDs: listOf(text),
  Capabilities: listOf(listOf(text)),
  Options: mapOf(text),
});

/** Clients send -1 for the host's default, which is what absent means. */
const swappiness: Check<number | null> = (value, at) => (value === -1 ? null : integer(value, at));

/** Engine API `HostConfig`, without what only Windows has. */
export const hostConfig: Check<HostConfig> = object({
  Binds: listOf(text),
  Mounts: listOf(mount),
  NetworkMode: text,
  PortBindings: mapOf(nullable(listOf(portBinding))),
  PublishAllPorts: flag,
  RestartPolicy: restartPolicy,
  AutoRemove: flag,
  LogConfig: object({ Type: text, Config: mapOf(text) }),
  VolumesFrom: listOf(text),
  ContainerIDFile: text,
  CapAdd: words,
  CapDrop: words,
  Privileged: flag,
  SecurityOpt: listOf(text),
  ReadonlyRootfs: flag,
  // An empty list is "mask nothing", so it is kept apart from absent.
  MaskedPaths: listOf(text),
  ReadonlyPaths: listOf(text),
  Devices: listOf(device),
  DeviceCgroupRules: listOf(text),
  Dns: listOf(text),
  DnsOptions: listOf(text),
  DnsSearch: listOf(text),
  ExtraHosts: listOf(text),
  GroupAdd: listOf(text),
  Links: listOf(text),
  IpcMode: text,
  PidMode: text,
  UTSMode: text,
  UsernsMode: text,
  CgroupnsMode: text,
  ShmSize: integer,
  Sysctls: mapOf(text),
  Tmpfs: mapOf(text),
  Runtime: text,
  ConsoleSize: consoleSize,
  Init: flag,
  OomScoreAdj: integer,
  OomKillDisable: flag,
  Ulimits: listOf(ulimit),
  Memory: integer,
  MemorySwap: integer,
  MemoryReservation: integer,
  MemorySwappiness: swappiness,
  NanoCpus: integer,
  CpuShares: integer,
  CpuPeriod: integer,
  CpuQuota: integer,
  CpuRealtimePeriod: integer,
  CpuRealtimeRuntime: integer,
  CpusetCpus: text,
  CpusetMems: text,
  PidsLimit: integer,
  BlkioWeight: integer,
  CgroupParent: text,
  StorageOpt: mapOf(text),
  VolumeDriver: text,
  Annotations: mapOf(text),
  BlkioWeightDevice: listOf(weightDevice),
  BlkioDeviceReadBps: listOf(throttleDevice),
  BlkioDeviceWriteBps: listOf(throttleDevice),
  BlkioDeviceReadIOps: listOf(throttleDevice),
  BlkioDeviceWriteIOps: listOf(throttleDevice),
  DeviceRequests: listOf(deviceRequest),
  Isolation: text,
  RestartUnhealthy: flag,
  Cgroup: unsupported,
});
