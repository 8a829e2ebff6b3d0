import type { CallOptions } from "../oci/call-options.ts";
import type { HostConfig } from "./types/container-config.ts";
import type { ContainerStats } from "./types/stats.ts";

/** Engine API, body of `POST /containers/{id}/update`: limits as in `HostConfig`. What is absent or zero stays. */
export type ContainerUpdate = Pick<
  HostConfig,
  | "Memory"
  | "MemorySwap"
  | "MemoryReservation"
  | "NanoCpus"
  | "CpuShares"
  | "CpuPeriod"
  | "CpuQuota"
  | "CpusetCpus"
  | "CpusetMems"
  | "PidsLimit"
  | "BlkioWeight"
  | "CpuRealtimePeriod"
  | "CpuRealtimeRuntime"
  | "RestartPolicy"
>;

/** What containers use, and what they may use. `name` as in `ContainerService`. All throw `not_found`. */
export interface ContainerResourceService {
  /**
   * Yields a sample each second until the container is gone or the signal aborts; with `stream` false one, which has
   * the values of a second before it unless `oneShot`. A container that does not run yields samples without values.
   */
  stats(
    name: string,
    o?: CallOptions & { stream?: boolean; oneShot?: boolean },
  ): AsyncIterable<ContainerStats>;
  /** Changes limits and restart policy, of a running container at once. Throws `invalid_argument`, `conflict`. */
  update(name: string, update: ContainerUpdate, o?: CallOptions): Promise<{ Warnings: string[] }>;
}
