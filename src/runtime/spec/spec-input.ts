import type { OciDevice, OciMount } from "./oci-spec.ts";

/**
 * Where a namespace comes from: a new one, the host's, or the one at a path (`/proc/<pid>/ns/ipc`, a network
 * namespace's file).
 */
export type NamespaceSource = "private" | "host" | { readonly path: string };

/** A device as the container sees it, and what it may do with it: letters of `rwm`. */
export interface DeviceInput extends OciDevice {
  readonly permissions: string;
}

/** `name` is `nofile`, `nproc` and their like, as `--ulimit` spells it; -1 is unlimited. */
export interface UlimitInput {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** Sizes in bytes; what is absent is unlimited. */
export interface ResourceInput {
  readonly memory?: number | undefined;
  /** Memory and swap together; -1: unlimited swap. Default: twice `memory`. */
  readonly memorySwap?: number | undefined;
  readonly memoryReservation?: number | undefined;
  /** 0 to 100 */
  readonly memorySwappiness?: number | undefined;
  readonly oomKillDisable?: boolean | undefined;
  /** billionths of a processor */
  readonly nanoCpus?: number | undefined;
  readonly cpuShares?: number | undefined;
  /** microseconds */
  readonly cpuPeriod?: number | undefined;
  /** microseconds of each period */
  readonly cpuQuota?: number | undefined;
  readonly cpusetCpus?: string | undefined;
  readonly cpusetMems?: string | undefined;
  /** 0 and -1: unlimited */
  readonly pidsLimit?: number | undefined;
  /** 10 to 1000 */
  readonly blkioWeight?: number | undefined;
  readonly blockDevices?: BlockDeviceLimits | undefined;
  /** microseconds */
  readonly cpuRealtimePeriod?: number | undefined;
  /** microseconds of each period */
  readonly cpuRealtimeRuntime?: number | undefined;
}

interface DeviceNumbers {
  readonly major: number;
  readonly minor: number;
}

/** Limits of single block devices: bytes or operations a second. */
export interface BlockDeviceLimits {
  readonly weights: readonly (DeviceNumbers & { readonly weight: number })[];
  readonly readBps: readonly (DeviceNumbers & { readonly rate: number })[];
  readonly writeBps: readonly (DeviceNumbers & { readonly rate: number })[];
  readonly readIops: readonly (DeviceNumbers & { readonly rate: number })[];
  readonly writeIops: readonly (DeviceNumbers & { readonly rate: number })[];
}

/** Everything that decides a container's config.json. What is absent is as Docker's default. */
export interface RuntimeSpecInput {
  readonly id: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** absolute */
  readonly cwd: string;
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] };
  /** Absolute path of the mounted root filesystem. */
  readonly rootfs: string;
  readonly readonlyRootfs?: boolean | undefined;
  readonly hostname?: string | undefined;
  readonly domainname?: string | undefined;
  readonly terminal?: boolean | undefined;
  readonly consoleSize?: { readonly rows: number; readonly columns: number } | undefined;
  /** Laid over the default ones: one with the destination of a default mount replaces it. */
  readonly mounts?: readonly OciMount[] | undefined;
  /** `--tmpfs`: path to options, e.g. `size=64m,exec`. */
  readonly tmpfs?: Readonly<Record<string, string>> | undefined;
  /** bytes; default 64 MiB */
  readonly shmSize?: number | undefined;
  /** False: nothing is mounted at `/dev/shm`. */
  readonly sharedMemory?: boolean | undefined;
  readonly network?: NamespaceSource | undefined;
  readonly pid?: NamespaceSource | undefined;
  readonly ipc?: NamespaceSource | undefined;
  readonly uts?: NamespaceSource | undefined;
  /** Default: private on cgroup v2, the host's elsewhere. */
  readonly cgroup?: NamespaceSource | undefined;
  readonly privileged?: boolean | undefined;
  readonly capAdd?: readonly string[] | undefined;
  readonly capDrop?: readonly string[] | undefined;
  readonly noNewPrivileges?: boolean | undefined;
  readonly apparmorProfile?: string | undefined;
  readonly seccomp?: "default" | "unconfined" | { readonly profile: string } | undefined;
  /** undefined: Docker's list */
  readonly maskedPaths?: readonly string[] | undefined;
  /** undefined: Docker's list */
  readonly readonlyPaths?: readonly string[] | undefined;
  readonly devices?: readonly DeviceInput[] | undefined;
  /** `--device-cgroup-rule`: `c 42:* rmw` */
  readonly deviceRules?: readonly string[] | undefined;
  readonly resources?: ResourceInput | undefined;
  readonly ulimits?: readonly UlimitInput[] | undefined;
  readonly sysctls?: Readonly<Record<string, string>> | undefined;
  /** -1000 to 1000 */
  readonly oomScoreAdj?: number | undefined;
  /** Absolute host path of an init program (`--init`): it becomes process 1 and reaps. */
  readonly init?: string | undefined;
  /** `--cgroup-parent`; default `/slipway` */
  readonly cgroupParent?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** What of the host and of this process the specification depends on; `readHostFacts()` reads it once. */
export interface HostFacts {
  readonly cgroupMode: "v1" | "v2" | "hybrid";
  /** Set in a user namespace, without cgroups. `ids`: users and groups from 0 to this exist. */
  readonly rootless?: { readonly ids: number } | undefined;
  /** Go's name: `amd64` */
  readonly architecture: string;
  /** The capabilities this process can give (`CAP_…`). */
  readonly capabilities: readonly string[];
  /** `nofile` and its like → this process's own; Infinity for unlimited. */
  readonly limits: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>;
  readonly oomScoreAdj: number;
  /** Whether the kernel accounts swap. */
  readonly swapLimit: boolean;
  readonly cpus: number;
  /** `0-3,8`: the processors that are online. */
  readonly cpuList: string;
  /** `0-1`: the memory nodes that are online. */
  readonly memoryNodes: string;
  /** Whether the kernel lets cgroups have real-time processes. */
  readonly realtimeCpu: boolean;
  /** Whether the kernel enforces AppArmor profiles. */
  readonly apparmor: boolean;
  /** Paths below /sys/devices/system/cpu that tell of heat, masked like the rest. */
  readonly thermalPaths: readonly string[];
  /** Whether the host has /dev/mqueue, which containers with the host's IPC namespace get. */
  readonly messageQueues: boolean;
  /** Every device of the host, for privileged containers. */
  readonly devices: readonly OciDevice[];
}
