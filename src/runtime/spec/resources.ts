import { SlipwayError } from "../../errors.ts";
import type { OciResources } from "./oci-spec.ts";
import type { HostFacts, ResourceInput } from "./spec-input.ts";

type Limits = Omit<OciResources, "devices">;

const cpuPeriod = 100_000;

/** Docker's limits as the runtime-spec spells them (config-linux.md, "control groups"). */
export function resourceLimits(input: ResourceInput, facts: HostFacts, warn: (text: string) => void): Limits {
  const memory = memoryLimits(input, facts, warn);
  const cpu = cpuLimits(input);
  const blockIO = blockLimits(input);
  const pids = input.pidsLimit ?? 0;
  return {
    ...(memory === undefined ? {} : { memory }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(pids > 0 ? { pids: { limit: pids } } : {}),
    ...(blockIO === undefined ? {} : { blockIO }),
  };
}

/** Throws `not_implemented` when anything is to be limited: an engine without root has no cgroups to do it with. */
export function checkLimitless(limits: Limits): void {
  const asked = Object.keys(limits);
  if (asked.length === 0) return;
  const what = `limits of ${asked.join(", ")} need cgroups, which an engine without root does not have`;
  throw new SlipwayError("not_implemented", `${what}: run it as root`);
}

function blockLimits(input: ResourceInput): Limits["blockIO"] {
  const {
    weights = [],
    readBps = [],
    writeBps = [],
    readIops = [],
    writeIops = [],
  } = input.blockDevices ?? {};
  return orNothing({
    ...(positive(input.blkioWeight) ? { weight: input.blkioWeight } : {}),
    ...(weights.length > 0 ? { weightDevice: weights } : {}),
    ...(readBps.length > 0 ? { throttleReadBpsDevice: readBps } : {}),
    ...(writeBps.length > 0 ? { throttleWriteBpsDevice: writeBps } : {}),
    ...(readIops.length > 0 ? { throttleReadIOPSDevice: readIops } : {}),
    ...(writeIops.length > 0 ? { throttleWriteIOPSDevice: writeIops } : {}),
  });
}

function memoryLimits(
  input: ResourceInput,
  facts: HostFacts,
  warn: (text: string) => void,
): Limits["memory"] {
  const swap = facts.swapLimit ? swapLimit(input) : undefined;
  if (!facts.swapLimit && positive(input.memory) && input.memorySwap !== -1) {
    warn(
      "Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.",
    );
  }
  return orNothing({
    ...(positive(input.memory) ? { limit: input.memory } : {}),
    ...(positive(input.memoryReservation) ? { reservation: input.memoryReservation } : {}),
    ...(swap === undefined ? {} : { swap }),
    ...(input.memorySwappiness === undefined || input.memorySwappiness < 0 || facts.cgroupMode === "v2"
      ? {}
      : { swappiness: input.memorySwappiness }),
    ...(input.oomKillDisable === true && facts.cgroupMode !== "v2" ? { disableOOMKiller: true } : {}),
  });
}

function swapLimit(input: ResourceInput): number | undefined {
  if (input.memorySwap === -1) return -1;
  if (positive(input.memorySwap)) return input.memorySwap;
  return positive(input.memory) ? input.memory * 2 : undefined;
}

function cpuLimits(input: ResourceInput): Limits["cpu"] {
  const nano = positive(input.nanoCpus) ? input.nanoCpus : undefined;
  const quota = nano === undefined ? input.cpuQuota : Math.floor((nano * cpuPeriod) / 1e9);
  const period = nano === undefined ? input.cpuPeriod : cpuPeriod;
  return orNothing({
    ...(positive(input.cpuShares) ? { shares: input.cpuShares } : {}),
    ...(quota === undefined || quota === 0 ? {} : { quota }),
    ...(positive(period) ? { period } : {}),
    ...(positive(input.cpuRealtimePeriod) ? { realtimePeriod: input.cpuRealtimePeriod } : {}),
    ...(positive(input.cpuRealtimeRuntime) ? { realtimeRuntime: input.cpuRealtimeRuntime } : {}),
    ...(text(input.cpusetCpus) ? { cpus: input.cpusetCpus } : {}),
    ...(text(input.cpusetMems) ? { mems: input.cpusetMems } : {}),
  });
}

function positive(value: number | undefined): value is number {
  return value !== undefined && value > 0;
}

function text(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

function orNothing<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}
