import type { ContainerStats } from "../../../../engine/types/stats.ts";

/** One moment of a container. Rates are per second, over the time since the sample before. */
export interface Sample {
  /** seconds since the epoch */
  readonly at: number;
  /** of one processor */
  readonly cpuPercent: number;
  /** bytes, without the page cache */
  readonly memory: number;
  readonly memoryLimit: number;
  readonly received: number;
  readonly sent: number;
  readonly read: number;
  readonly written: number;
  readonly processes: number;
}

/** What two samples of the engine, one after the other, say. Undefined: the container does not run. Pure. */
export function sampleOf(stats: ContainerStats, before: ContainerStats | undefined): Sample | undefined {
  const at = Date.parse(stats.read) / 1000;
  if (!(at > 0)) return undefined;
  const seconds = before === undefined ? 0 : at - Date.parse(before.read) / 1000;
  const rate = (of: (stats: ContainerStats) => number): number =>
    before === undefined || seconds <= 0 ? 0 : Math.max(0, (of(stats) - of(before)) / seconds);
  return {
    at,
    cpuPercent: cpuPercent(stats),
    memory: memory(stats),
    memoryLimit: stats.memory_stats.limit ?? 0,
    received: rate((of) => network(of, "rx_bytes")),
    sent: rate((of) => network(of, "tx_bytes")),
    read: rate((of) => disk(of, "read")),
    written: rate((of) => disk(of, "write")),
    processes: stats.pids_stats.current ?? 0,
  };
}

/** As the command line counts it: of one processor, so that two busy ones are 200 %. */
function cpuPercent({ cpu_stats: now, precpu_stats: before }: ContainerStats): number {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const all = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  return all > 0 && used > 0 ? (used / all) * (now.online_cpus ?? 1) * 100 : 0;
}

function memory({ memory_stats: { usage = 0, stats = {} } }: ContainerStats): number {
  const cache = stats["total_inactive_file"] ?? stats["inactive_file"] ?? 0;
  return cache < usage ? usage - cache : usage;
}

function network({ networks = {} }: ContainerStats, field: "rx_bytes" | "tx_bytes"): number {
  return Object.values(networks).reduce((sum, stats) => sum + stats[field], 0);
}

function disk({ blkio_stats: { io_service_bytes_recursive: entries } }: ContainerStats, op: string): number {
  return (entries ?? [])
    .filter((entry) => entry.op.toLowerCase() === op)
    .reduce((sum, { value }) => sum + value, 0);
}
