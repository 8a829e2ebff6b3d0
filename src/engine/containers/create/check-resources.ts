import { SlipwayError } from "../../../errors.ts";
import { checkLimitless, resourceLimits } from "../../../runtime/spec/resources.ts";
import { resourcesOf } from "../spec-input.ts";
import type { HostFacts } from "../../../runtime/spec/spec-input.ts";
import type { HostConfig } from "../../types/container-config.ts";

const mebibyte = 1024 * 1024;
const leastMemory = 6 * mebibyte;

/**
 * Refuses limits that contradict each other or that the machine does not have. Throws `invalid_argument` in Docker's
 * words, and `not_implemented` for any where there are no cgroups. Pure.
 */
export function checkResources(config: HostConfig, facts: HostFacts): void {
  const complaint = memory(config) ?? processors(config, facts) ?? blockDevices(config);
  if (complaint !== undefined) throw new SlipwayError("invalid_argument", complaint);
  if (facts.rootless === undefined) return;
  checkLimitless(resourceLimits(resourcesOf(config), facts, () => undefined));
}

function memory(config: HostConfig): string | undefined {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0 } = config;
  const swappiness = config.MemorySwappiness ?? -1;
  if (Memory !== 0 && Memory < leastMemory) return "Minimum memory limit allowed is 6MB";
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory)
    return "Minimum memoryswap limit should be larger than memory limit, see usage";
  if (Memory === 0 && MemorySwap > 0)
    return "You should always set the Memory limit when using Memoryswap limit, see usage";
  if (swappiness < -1 || swappiness > 100)
    return `Invalid value: ${swappiness}, valid memory swappiness range is 0-100`;
  if (MemoryReservation > 0 && MemoryReservation < leastMemory)
    return "Minimum memory reservation allowed is 6MB";
  if (Memory > 0 && MemoryReservation > 0 && Memory < MemoryReservation)
    return "Minimum memory limit can not be less than memory reservation limit, see usage";
  return undefined;
}

function processors(config: HostConfig, facts: HostFacts): string | undefined {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0 } = config;
  if (NanoCpus > 0 && CpuPeriod > 0)
    return "Conflicting options: Nano CPUs and CPU Period cannot both be set";
  if (NanoCpus > 0 && CpuQuota > 0) return "Conflicting options: Nano CPUs and CPU Quota cannot both be set";
  if (NanoCpus < 0 || NanoCpus > facts.cpus * 1e9)
    return `range of CPUs is from 0.01 to ${facts.cpus}.00, as there are only ${facts.cpus} CPUs available`;
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000))
    return "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)";
  if (CpuQuota > 0 && CpuQuota < 1000) return "CPU cfs quota can not be less than 1ms (i.e. 1000)";
  const realtime = Boolean(config.CpuRealtimePeriod) || Boolean(config.CpuRealtimeRuntime);
  if (realtime && !facts.realtimeCpu) return "Your kernel does not support CPU real-time scheduler";
  return cpuSets(config, facts);
}

function cpuSets(config: HostConfig, facts: HostFacts): string | undefined {
  const cpus = members(config.CpusetCpus ?? "");
  if (cpus === undefined)
    return `Invalid value ${config.CpusetCpus} for cpuset cpus: invalid format: ${config.CpusetCpus}`;
  const cpusHere = members(facts.cpuList) ?? [];
  if (!cpus.every((cpu) => cpusHere.includes(cpu)))
    return `Requested CPUs are not available - requested ${config.CpusetCpus}, available: ${facts.cpuList}`;
  const nodes = members(config.CpusetMems ?? "");
  if (nodes === undefined)
    return `Invalid value ${config.CpusetMems} for cpuset mems: invalid format: ${config.CpusetMems}`;
  const nodesHere = members(facts.memoryNodes) ?? [];
  if (!nodes.every((node) => nodesHere.includes(node)))
    return `Requested memory nodes are not available - requested ${config.CpusetMems}, available: ${facts.memoryNodes}`;
  return undefined;
}

const mostMembers = 8192;

/** `0-2,7`: the numbers; undefined for anything else. */
function members(list: string): number[] | undefined {
  const all: number[] = [];
  for (const part of list.trim() === "" ? [] : list.split(",")) {
    const [, first = "", last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim()) ?? [];
    if (first === "" || Number(last) < Number(first) || Number(last) > mostMembers) return undefined;
    for (let each = Number(first); each <= Number(last); each += 1) all.push(each);
  }
  return all;
}

function blockDevices(config: HostConfig): string | undefined {
  const weights = [config.BlkioWeight ?? 0, ...(config.BlkioWeightDevice ?? []).map(({ Weight }) => Weight)];
  if (weights.some((weight) => weight !== 0 && (weight < 10 || weight > 1000)))
    return "Range of blkio weight is from 10 to 1000";
  return undefined;
}
