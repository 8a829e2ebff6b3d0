import { SlipwayError } from "../../errors.ts";
import { resourceLimits } from "../../runtime/spec/resources.ts";
import type { ContainerUpdate } from "../container-resources.ts";
import type { HostConfig } from "../types/container-config.ts";
import { checkResources } from "./create/check-resources.ts";
import { publishEvent, type ContainerHost } from "./host.ts";
import { completeHostConfig } from "./create/host-config.ts";
import { isActive, type ContainerRecord } from "./record.ts";
import { resourcesOf } from "./spec-input.ts";

/**
 * Changes limits and restart policy of a container, of a running one at once. When the runtime refuses, nothing has
 * changed. Throws `invalid_argument` and `conflict` in Docker's words. The caller holds the container's lock.
 */
export async function updateLocked(
  host: ContainerHost,
  record: ContainerRecord,
  update: ContainerUpdate,
): Promise<{ Warnings: string[] }> {
  if (record.state.status === "removing" || record.state.status === "dead")
    throw cannot(record, 'Container is marked for removal and cannot be "update".');
  const asked = givenLimits(update);
  checkUpdate(record, asked);
  const hostConfig = completeHostConfig(merged(record.hostConfig, asked));
  checkResources(hostConfig, host.facts);
  const warnings: string[] = [];
  const { task } = host.live.of(record.id);
  const isLimit = Object.keys(asked).some((name) => name !== "RestartPolicy");
  if (isLimit && isActive(record) && task !== undefined) {
    const limits = resourceLimits(resourcesOf(hostConfig), host.facts, (text) => warnings.push(text));
    const pids = asked.PidsLimit == null ? {} : { pids: { limit: asked.PidsLimit || noLimit } };
    await task.update({ ...limits, ...pids }).catch((error: unknown) => {
      throw cannot(record, error instanceof Error ? error.message : String(error), error);
    });
  }
  record.hostConfig = hostConfig;
  host.store.put(record);
  publishEvent(host, record, "update");
  return { Warnings: warnings };
}

/** What takes a limit away, for the runtime. */
const noLimit = -1;

/** Zero and empty mean: as it is. Only `PidsLimit` may be set to "none" by a zero. */
function givenLimits(update: ContainerUpdate): ContainerUpdate {
  const { PidsLimit, RestartPolicy, ...limits } = update;
  return {
    ...Object.fromEntries(Object.entries(limits).filter(([, value]) => Boolean(value))),
    ...(PidsLimit == null ? {} : { PidsLimit: Math.max(PidsLimit, 0) }),
    ...(RestartPolicy?.Name ? { RestartPolicy } : {}),
  };
}

function merged(before: HostConfig, update: ContainerUpdate): HostConfig {
  return { ...before, ...update };
}

function checkUpdate({ hostConfig: before, ...record }: ContainerRecord, update: ContainerUpdate): void {
  if (before.AutoRemove && update.RestartPolicy !== undefined && update.RestartPolicy.Name !== "no") {
    const why = "Restart policy cannot be updated because AutoRemove is enabled for the container";
    throw new SlipwayError("conflict", why);
  }
  const nano = update.NanoCpus !== undefined;
  const conflicts: [boolean, string][] = [
    [nano && Boolean(before.CpuPeriod), "Nano CPUs cannot be updated as CPU Period has already been set"],
    [nano && Boolean(before.CpuQuota), "Nano CPUs cannot be updated as CPU Quota has already been set"],
    [
      Boolean(before.NanoCpus) && update.CpuPeriod !== undefined,
      "CPU Period cannot be updated as NanoCPUs has already been set",
    ],
    [
      Boolean(before.NanoCpus) && update.CpuQuota !== undefined,
      "CPU Quota cannot be updated as NanoCPUs has already been set",
    ],
  ];
  const conflict = conflicts.find(([isSo]) => isSo);
  if (conflict !== undefined)
    throw new SlipwayError("invalid_argument", `Conflicting options: ${conflict[1]}`);
  const memory = update.Memory ?? 0;
  const swap = update.MemorySwap ?? before.MemorySwap ?? 0;
  if (memory > 0 && swap > 0 && memory > swap) {
    const why =
      update.MemorySwap === undefined
        ? "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"
        : "Minimum memoryswap limit should be larger than memory limit, see usage";
    throw cannot(record, why, undefined, update.MemorySwap === undefined ? "conflict" : "invalid_argument");
  }
}

function cannot(
  { id }: Pick<ContainerRecord, "id">,
  why: string,
  cause?: unknown,
  code: "conflict" | "invalid_argument" = "conflict",
): SlipwayError {
  return new SlipwayError(code, `Cannot update container ${id}: ${why}`, { cause });
}
