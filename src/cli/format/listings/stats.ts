import type { ContainerStats, CPUStats } from "../../../engine/types/stats.ts";
import { binarySize, humanSize } from "../../../internal/human-size.ts";
import { shortId } from "../table.ts";
import type { Listing } from "../listing.ts";

/** A container in the table; without a sample nothing is known of it yet, or it does not run. */
export interface StatsRow {
  /** as it was asked for */
  readonly asked: string;
  readonly stats: ContainerStats | undefined;
}

const unknown = "--";

/** What `stats` shows. */
export function statsListing(isWhole: boolean): Listing<StatsRow> {
  const idOf = (id: string | undefined) => (id === undefined ? unknown : isWhole ? id : shortId(id));
  const shown = (value: (stats: ContainerStats) => string) => (row: StatsRow) =>
    row.stats === undefined || !isRunning(row.stats) ? unknown : value(row.stats);
  const pair = (value: (stats: ContainerStats) => string) => (row: StatsRow) =>
    row.stats === undefined || !isRunning(row.stats) ? `${unknown} / ${unknown}` : value(row.stats);
  return {
    shown: ["ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs"],
    quiet: "ID",
    columns: [
      { name: "Container", header: "CONTAINER", value: ({ asked }) => asked },
      { name: "ID", header: "CONTAINER ID", value: ({ stats }) => idOf(stats?.id) },
      { name: "Name", header: "NAME", value: ({ stats }) => stats?.name.replace(/^\//, "") ?? unknown },
      { name: "CPUPerc", header: "CPU %", value: shown((stats) => `${cpuPercent(stats).toFixed(2)}%`) },
      { name: "MemUsage", header: "MEM USAGE / LIMIT", value: pair(memoryText) },
      { name: "MemPerc", header: "MEM %", value: shown((stats) => `${memoryPercent(stats).toFixed(2)}%`) },
      { name: "NetIO", header: "NET I/O", value: shown(networkText) },
      { name: "BlockIO", header: "BLOCK I/O", value: shown(blockText) },
      { name: "PIDs", header: "PIDS", value: shown((stats) => String(stats.pids_stats.current ?? 0)) },
    ],
  };
}

function isRunning(stats: ContainerStats): boolean {
  return !stats.read.startsWith("0001-");
}

/** Of one processor: two at work make 200. Between a sample and the one before it. Pure. */
export function cpuPercent({ cpu_stats: now, precpu_stats: before }: ContainerStats): number {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const passed = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  return used > 0 && passed > 0 ? (used / passed) * processors(now) * 100 : 0;
}

function processors({ online_cpus, cpu_usage }: CPUStats): number {
  return online_cpus ?? cpu_usage.percpu_usage?.length ?? 1;
}

/** What the kernel could take back at once, the idle page cache, does not count. */
function usedMemory({ memory_stats: { usage = 0, stats = {} } }: ContainerStats): number {
  const idle = stats["total_inactive_file"] ?? stats["inactive_file"] ?? 0;
  return idle < usage ? usage - idle : usage;
}

function memoryText(stats: ContainerStats): string {
  return `${binarySize(usedMemory(stats))} / ${binarySize(stats.memory_stats.limit ?? 0)}`;
}

function memoryPercent(stats: ContainerStats): number {
  const { limit = 0 } = stats.memory_stats;
  return limit === 0 ? 0 : (usedMemory(stats) / limit) * 100;
}

function networkText({ networks = {} }: ContainerStats): string {
  const sum = (field: "rx_bytes" | "tx_bytes") =>
    Object.values(networks).reduce((total, network) => total + network[field], 0);
  return `${humanSize(sum("rx_bytes"), 3)} / ${humanSize(sum("tx_bytes"), 3)}`;
}

function blockText({ blkio_stats }: ContainerStats): string {
  const entries = blkio_stats.io_service_bytes_recursive;
  const sum = (letter: string) =>
    entries
      .filter(({ op }) => op.toLowerCase().startsWith(letter))
      .reduce((total, { value }) => total + value, 0);
  return `${humanSize(sum("r"), 3)} / ${humanSize(sum("w"), 3)}`;
}
