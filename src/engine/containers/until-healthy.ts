import { SlipwayError } from "../../errors.ts";
import type { ContainerWait } from "../types/container.ts";
import { probeCommand } from "./health.ts";
import type { ContainerHost } from "./host.ts";
import { isActive, type ContainerRecord } from "./record.ts";

/**
 * Resolves when the container's health check says healthy. Throws `invalid_argument` when it has none, and `conflict`
 * when the check says unhealthy or the container ended for good.
 */
export async function untilHealthy(
  host: ContainerHost,
  record: ContainerRecord,
  signal?: AbortSignal,
): Promise<ContainerWait> {
  if (probeCommand(record) === undefined)
    throw new SlipwayError("invalid_argument", `container ${record.name} has no health check`);
  for (;;) {
    // A restart holds the lock while the container is down.
    if (!isUp(record)) await host.locks.run(record.id, async () => undefined);
    if (!isUp(record)) throw notHealthy(record, "is not running");
    if (record.health?.Status === "healthy") return { StatusCode: 0 };
    if (record.health?.Status === "unhealthy" && !record.hostConfig.RestartUnhealthy)
      throw notHealthy(record, "is unhealthy");
    await host.waiters.nextHealth(record.id, signal);
  }
}

function isUp(record: ContainerRecord): boolean {
  return isActive(record) || record.state.status === "restarting";
}

function notHealthy(record: ContainerRecord, why: string): SlipwayError {
  const last = record.health?.Log.at(-1)?.Output.trim() ?? "";
  return new SlipwayError("conflict", `container ${record.name} ${why}${last === "" ? "" : `: ${last}`}`);
}
