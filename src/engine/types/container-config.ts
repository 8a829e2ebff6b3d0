import type { HealthConfig } from "../../oci/image-config.ts";
import type { MountSpec } from "../../volume/mount-request.ts";

/** Engine API `ContainerConfig`: what of a container travels with an image. Absent and null mean: as the image. */
export interface ContainerConfig {
  Hostname?: string;
  Domainname?: string;
  User?: string;
  AttachStdin?: boolean;
  AttachStdout?: boolean;
  AttachStderr?: boolean;
  ExposedPorts?: Record<string, object> | null;
  Tty?: boolean;
  OpenStdin?: boolean;
  StdinOnce?: boolean;
  Env?: string[] | null;
  Cmd?: string[] | null;
  Healthcheck?: HealthConfig | null;
  ArgsEscaped?: boolean;
  Image?: string;
  Volumes?: Record<string, object> | null;
  WorkingDir?: string;
  Entrypoint?: string[] | null;
  NetworkDisabled?: boolean;
  OnBuild?: string[] | null;
  Labels?: Record<string, string> | null;
  StopSignal?: string;
  /** seconds */
  StopTimeout?: number | null;
  Shell?: string[] | null;
}

export interface PortBinding {
  HostIp: string;
  /** A number as text; empty: any free port; `8000-8010`: a free one of these. */
  HostPort: string;
}

/** Key `80/tcp`. */
export type PortMap = Record<string, PortBinding[] | null>;

export interface RestartPolicy {
  Name: "" | "no" | "always" | "unless-stopped" | "on-failure";
  MaximumRetryCount?: number;
}

export interface DeviceMapping {
  PathOnHost: string;
  PathInContainer: string;
  CgroupPermissions: string;
}

export interface Ulimit {
  Name: string;
  Soft: number;
  Hard: number;
}

/** `Weight` 10 to 1000. */
export interface WeightDevice {
  Path: string;
  Weight: number;
}

/** `Rate` in bytes or operations a second. */
export interface ThrottleDevice {
  Path: string;
  Rate: number;
}

/** What `--gpus` asks for. */
export interface DeviceRequest {
  Driver?: string;
  Count?: number;
  DeviceIDs?: string[] | null;
  Capabilities?: string[][] | null;
  Options?: Record<string, string> | null;
}

/** Engine API `HostConfig`: what of a container belongs to this host. Sizes in bytes, CPU times in the unit of the name. */
export interface HostConfig {
  Binds?: string[] | null;
  Mounts?: MountSpec[] | null;
  NetworkMode?: string;
  PortBindings?: PortMap | null;
  PublishAllPorts?: boolean;
  RestartPolicy?: RestartPolicy;
  AutoRemove?: boolean;
  LogConfig?: { Type?: string; Config?: Record<string, string> | null };
  VolumesFrom?: string[] | null;
  ContainerIDFile?: string;
  CapAdd?: string[] | null;
  CapDrop?: string[] | null;
  Privileged?: boolean;
  SecurityOpt?: string[] | null;
  ReadonlyRootfs?: boolean;
  MaskedPaths?: string[] | null;
  ReadonlyPaths?: string[] | null;
  Devices?: DeviceMapping[] | null;
  DeviceCgroupRules?: string[] | null;
  Dns?: string[] | null;
  DnsOptions?: string[] | null;
  DnsSearch?: string[] | null;
  ExtraHosts?: string[] | null;
  GroupAdd?: string[] | null;
  Links?: string[] | null;
  IpcMode?: string;
  PidMode?: string;
  UTSMode?: string;
  UsernsMode?: string;
  CgroupnsMode?: string;
  ShmSize?: number;
  Sysctls?: Record<string, string> | null;
  Tmpfs?: Record<string, string> | null;
  Runtime?: string;
  /** Rows and columns of the terminal at the start. */
  ConsoleSize?: [number, number] | null;
  /** Windows alone knows others than `default`. */
  Isolation?: string;
  Init?: boolean | null;
  OomScoreAdj?: number;
  OomKillDisable?: boolean | null;
  Ulimits?: Ulimit[] | null;
  Memory?: number;
  MemorySwap?: number;
  MemoryReservation?: number;
  MemorySwappiness?: number | null;
  NanoCpus?: number;
  CpuShares?: number;
  CpuPeriod?: number;
  CpuQuota?: number;
  CpuRealtimePeriod?: number;
  CpuRealtimeRuntime?: number;
  CpusetCpus?: string;
  CpusetMems?: string;
  PidsLimit?: number | null;
  BlkioWeight?: number;
  BlkioWeightDevice?: WeightDevice[] | null;
  BlkioDeviceReadBps?: ThrottleDevice[] | null;
  BlkioDeviceWriteBps?: ThrottleDevice[] | null;
  BlkioDeviceReadIOps?: ThrottleDevice[] | null;
  BlkioDeviceWriteIOps?: ThrottleDevice[] | null;
  DeviceRequests?: DeviceRequest[] | null;
  CgroupParent?: string;
  StorageOpt?: Record<string, string> | null;
  VolumeDriver?: string;
  Annotations?: Record<string, string> | null;
  /** Slipway's own: an unhealthy container is restarted, as its restart policy would after a failure. */
  RestartUnhealthy?: boolean;
}
