import type { Digest } from "../../oci/digest.ts";
import type { Endpoint, PortMapping } from "../../network/driver.ts";
import type { ContainerConfig, HostConfig } from "../types/container-config.ts";
import type { MountRequest } from "../../volume/mount-request.ts";
import type { ContainerState, HealthLogEntry, MountPoint } from "../types/container.ts";
import type { EndpointSettings } from "../types/network.ts";

export const neverTime = "0001-01-01T00:00:00Z";

/** Where a container is in its life. `removing` is written first, so that a crash cannot leave half a container. */
export interface RecordedState {
  status: ContainerState["Status"];
  pid: number;
  exitCode: number;
  error: string;
  oomKilled: boolean;
  /** RFC 3339 */
  startedAt: string;
  finishedAt: string;
  restartCount: number;
  /** What is being removed takes its anonymous volumes along. */
  removesVolumes?: boolean;
  /** A person stopped it: `unless-stopped` leaves it so. */
  stoppedByUser: boolean;
}

/** Of a container that has never run. */
export function createdState(): RecordedState {
  return {
    status: "created",
    pid: 0,
    exitCode: 0,
    error: "",
    oomKilled: false,
    startedAt: neverTime,
    finishedAt: neverTime,
    restartCount: 0,
    stoppedByUser: false,
  };
}

export interface RecordedHealth {
  Status: "starting" | "healthy" | "unhealthy";
  FailingStreak: number;
  Log: HealthLogEntry[];
}

export interface RecordedLaziness {
  /** ms without a connection until it is stopped; 0: never */
  readonly idle: number;
  /** The engine holds its ports. */
  readonly armed: boolean;
  /** With every `hostPort` chosen, while they are held. */
  readonly ports: readonly PortMapping[];
}

/** A mount as it was asked for, sources found, and as `inspect` shows it. */
export interface RecordedMount {
  readonly request: MountRequest;
  readonly point: MountPoint;
}

/** A container as it is kept. Its writable layer is the snapshot whose key is its ID. */
export interface ContainerRecord {
  readonly id: string;
  /** without slash */
  name: string;
  readonly created: string;
  readonly image: Digest;
  /** Merged with the image's: what `inspect` shows as `Config`. */
  readonly config: ContainerConfig;
  hostConfig: HostConfig;
  readonly hostCA: boolean;
  readonly mounts: readonly RecordedMount[];
  /** By network name: what was asked for. */
  networks: Record<string, EndpointSettings>;
  /** By network name: what came out, while it runs. */
  endpoints: Record<string, Endpoint>;
  /** IDs of the containers its links name, by the name they had then. */
  linked?: Readonly<Record<string, string>>;
  state: RecordedState;
  /** A fork whose files may not be on the disk yet: nobody was told of it, and an engine that finds it so removes it. */
  pending?: true;
  /** It sleeps until somebody connects to one of its ports. */
  lazy?: RecordedLaziness;
  health?: RecordedHealth;
}

/** Its process lives, running or paused. */
export function isActive(record: ContainerRecord): boolean {
  return record.state.status === "running" || record.state.status === "paused";
}

/** Its ports are held, and the next connection starts it. */
export function isAsleep({ lazy, state }: Pick<ContainerRecord, "lazy" | "state">): boolean {
  return lazy?.armed === true && (state.status === "created" || state.status === "exited");
}

/** With a PID namespace of its own, a container's processes all end with its first one. */
export function sharesProcesses(record: ContainerRecord): boolean {
  return (record.hostConfig.PidMode ?? "") !== "";
}

/** The volumes it has, by name. */
export function volumeNames({ mounts }: Pick<ContainerRecord, "mounts">): string[] {
  return mounts.flatMap(({ point }) => (point.Type === "volume" && point.Name ? [point.Name] : []));
}

/** Path and arguments of the process: entrypoint, then command. */
export function commandOf(config: ContainerConfig): string[] {
  return [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
}
