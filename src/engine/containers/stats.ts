import { readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { readCgroupUsage, type CgroupUsage } from "../../runtime/cgroup-usage.ts";
import type { ContainerStats, CPUStats, MemoryStats, NetworkStats } from "../types/stats.ts";
import { isActive, neverTime, type ContainerRecord } from "./record.ts";

/** Linux counts in /proc/stat in hundredths of a second. */
const tick = 10_000_000;
const noCpu: CPUStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
};
const noIo = {
  io_service_bytes_recursive: [],
  io_serviced_recursive: null,
  io_queue_recursive: null,
  io_service_time_recursive: null,
  io_wait_time_recursive: null,
  io_merged_recursive: null,
  io_time_recursive: null,
  sectors_recursive: null,
};

/** What a container uses now; without values when it does not run. */
export async function sampleStats(record: ContainerRecord, now: number): Promise<ContainerStats> {
  const { pid } = record.state;
  const usage = isActive(record) ? await readCgroupUsage(pid, record.id) : undefined;
  if (usage === undefined) return emptyStats(record);
  const [cpu, networks] = await Promise.all([hostCpu(), networksOf(record, pid)]);
  return {
    ...emptyStats(record),
    read: new Date(now).toISOString(),
    pids_stats: { ...usage.pids },
    blkio_stats: { ...noIo, io_service_bytes_recursive: [...usage.io] },
    cpu_stats: { ...cpuStats(usage.cpu), ...cpu },
    memory_stats: memoryStats(usage.memory),
    ...(networks !== undefined && { networks }),
  };
}

/** The sample with the processor times of the one before it. */
export function withPrevious(stats: ContainerStats, before: ContainerStats | undefined): ContainerStats {
  if (before === undefined) return stats;
  return { ...stats, preread: before.read, precpu_stats: before.cpu_stats };
}

function emptyStats(record: ContainerRecord): ContainerStats {
  return {
    name: `/${record.name}`,
    id: record.id,
    read: neverTime,
    preread: neverTime,
    pids_stats: {},
    blkio_stats: noIo,
    num_procs: 0,
    storage_stats: {},
    cpu_stats: noCpu,
    precpu_stats: noCpu,
    memory_stats: {},
  };
}

function cpuStats(cpu: CgroupUsage["cpu"]): CPUStats {
  return {
    cpu_usage: {
      total_usage: cpu.total,
      ...(cpu.perCpu !== undefined && { percpu_usage: [...cpu.perCpu] }),
      usage_in_kernelmode: cpu.kernel,
      usage_in_usermode: cpu.user,
    },
    throttling_data: {
      periods: cpu.periods,
      throttled_periods: cpu.throttledPeriods,
      throttled_time: cpu.throttledTime,
    },
  };
}

function memoryStats(memory: CgroupUsage["memory"]): MemoryStats {
  const limit = Math.min(memory.limit ?? Number.POSITIVE_INFINITY, totalmem());
  return {
    ...(memory.usage !== undefined && { usage: memory.usage }),
    ...(memory.maxUsage !== undefined && { max_usage: memory.maxUsage }),
    ...(memory.failures !== undefined && { failcnt: memory.failures }),
    // Counters above what a number holds ("no limit" of v1's own limits) say nothing.
    stats: Object.fromEntries(
      Object.entries(memory.stats).filter(([, value]) => Number.isSafeInteger(value)),
    ),
    limit,
  };
}

/** All time of all processors since the boot (proc(5), /proc/stat). */
async function hostCpu(): Promise<{ system_cpu_usage: number; online_cpus: number }> {
  const lines = (await readFile("/proc/stat", "utf8")).split("\n");
  const ticks = (lines[0] ?? "").trim().split(/\s+/).slice(1, 8).map(Number);
  return {
    system_cpu_usage: ticks.reduce((sum, each) => sum + each, 0) * tick,
    online_cpus: lines.filter((line) => /^cpu\d/.test(line)).length,
  };
}

/** Undefined for a container in the host's network, where the counters would be the host's. */
async function networksOf(
  record: ContainerRecord,
  pid: number,
): Promise<Record<string, NetworkStats> | undefined> {
  const mode = record.hostConfig.NetworkMode;
  if (mode === "host" || mode === "none") return undefined;
  return parseNetDev(await readFile(`/proc/${pid}/net/dev`, "utf8").catch(() => ""));
}

/** proc(5), /proc/net/dev, without the loopback. Pure. */
export function parseNetDev(text: string): Record<string, NetworkStats> {
  const rows = text.split("\n").flatMap((line) => {
    const match = /^\s*([^:\s]+):(.*)$/.exec(line);
    const name = match?.[1] ?? "lo";
    if (name === "lo") return [];
    const values = (match?.[2] ?? "").trim().split(/\s+/).map(Number);
    const at = (index: number) => values[index] ?? 0;
    const stats: NetworkStats = {
      rx_bytes: at(0),
      rx_packets: at(1),
      rx_errors: at(2),
      rx_dropped: at(3),
      tx_bytes: at(8),
      tx_packets: at(9),
      tx_errors: at(10),
      tx_dropped: at(11),
    };
    return [[name, stats] as const];
  });
  return Object.fromEntries(rows);
}
