import { readFile } from "node:fs/promises";

/** What a container's control groups count. Times in nanoseconds, sizes in bytes; absent: this host does not count it. */
export interface CgroupUsage {
  readonly cpu: {
    readonly total: number;
    readonly kernel: number;
    readonly user: number;
    readonly perCpu?: readonly number[];
    readonly periods: number;
    readonly throttledPeriods: number;
    readonly throttledTime: number;
  };
  readonly memory: {
    readonly usage?: number;
    readonly maxUsage?: number;
    readonly limit?: number;
    readonly failures?: number;
    readonly stats: Readonly<Record<string, number>>;
  };
  readonly pids: { readonly current?: number; readonly limit?: number };
  readonly io: readonly {
    readonly major: number;
    readonly minor: number;
    readonly op: string;
    readonly value: number;
  }[];
}

/** v1 counts user and system time in hundredths of a second, whatever the kernel's own clock is. */
const tick = 10_000_000;

/** Where the kernel shows its counters; tests have their own. */
export interface CgroupRoots {
  readonly proc: string;
  readonly cgroup: string;
}

const kernelRoots: CgroupRoots = { proc: "/proc", cgroup: "/sys/fs/cgroup" };

/**
 * Reads the control groups of the process `pid`, which must be those of container `id`: v1, v2, or both (hybrid, where
 * a controller is in one of the two). Undefined when the process is gone.
 */
export async function readCgroupUsage(
  pid: number,
  id: string,
  roots: CgroupRoots = kernelRoots,
): Promise<CgroupUsage | undefined> {
  const text = await readFile(`${roots.proc}/${pid}/cgroup`, "utf8").catch(() => "");
  if (!text.includes(id)) return undefined;
  const groups = parseCgroups(text, roots.cgroup);
  const unified = groups.get("");
  const [cpu, memory, pids, io] = await Promise.all([
    groups.has("cpuacct") ? cpuV1(groups) : cpuV2(unified),
    groups.has("memory") ? memoryV1(groups.get("memory")) : memoryV2(unified),
    pidsOf(groups.get("pids") ?? unified),
    groups.has("blkio") ? ioV1(groups.get("blkio")) : ioV2(unified),
  ]);
  return { cpu, memory, pids, io };
}

/** Directory of each controller; `""` is the unified hierarchy, which hybrid hosts have beside the others. Pure. */
export function parseCgroups(text: string, root: string): Map<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  const isHybrid = lines.length > 1;
  const groups = new Map<string, string>();
  for (const line of lines) {
    const [, controllers = "", ...rest] = line.split(":");
    const path = rest.join(":");
    if (controllers === "") groups.set("", `${root}${isHybrid ? "/unified" : ""}${path}`);
    else for (const name of controllers.split(",")) groups.set(name, `${root}/${controllers}${path}`);
  }
  return groups;
}

async function cpuV1(groups: ReadonlyMap<string, string>): Promise<CgroupUsage["cpu"]> {
  const accounting = groups.get("cpuacct");
  const [total, perCpu, times, throttling] = await Promise.all([
    number(accounting, "cpuacct.usage"),
    text(accounting, "cpuacct.usage_percpu"),
    pairs(accounting, "cpuacct.stat"),
    pairs(groups.get("cpu"), "cpu.stat"),
  ]);
  const each = perCpu.split(/\s+/).filter(Boolean).map(Number);
  return {
    total: total ?? 0,
    kernel: (times["system"] ?? 0) * tick,
    user: (times["user"] ?? 0) * tick,
    ...(each.length > 0 && { perCpu: each }),
    periods: throttling["nr_periods"] ?? 0,
    throttledPeriods: throttling["nr_throttled"] ?? 0,
    throttledTime: throttling["throttled_time"] ?? 0,
  };
}

async function cpuV2(directory: string | undefined): Promise<CgroupUsage["cpu"]> {
  const stat = await pairs(directory, "cpu.stat");
  return {
    total: (stat["usage_usec"] ?? 0) * 1000,
    kernel: (stat["system_usec"] ?? 0) * 1000,
    user: (stat["user_usec"] ?? 0) * 1000,
    periods: stat["nr_periods"] ?? 0,
    throttledPeriods: stat["nr_throttled"] ?? 0,
    throttledTime: (stat["throttled_usec"] ?? 0) * 1000,
  };
}

async function memoryV1(directory: string | undefined): Promise<CgroupUsage["memory"]> {
  const [usage, maxUsage, limit, failures, stats] = await Promise.all([
    number(directory, "memory.usage_in_bytes"),
    number(directory, "memory.max_usage_in_bytes"),
    number(directory, "memory.limit_in_bytes"),
    number(directory, "memory.failcnt"),
    pairs(directory, "memory.stat"),
  ]);
  return { ...given({ usage, maxUsage, limit, failures }), stats };
}

async function memoryV2(directory: string | undefined): Promise<CgroupUsage["memory"]> {
  const [usage, limit, stats] = await Promise.all([
    number(directory, "memory.current"),
    number(directory, "memory.max"),
    pairs(directory, "memory.stat"),
  ]);
  return { ...given({ usage, limit }), stats };
}

async function pidsOf(directory: string | undefined): Promise<CgroupUsage["pids"]> {
  const [current, limit] = await Promise.all([
    number(directory, "pids.current"),
    number(directory, "pids.max"),
  ]);
  return given({ current, limit });
}

/** `8:0 Read 4096`, with a line `Total 8192` at the end. */
async function ioV1(directory: string | undefined): Promise<CgroupUsage["io"]> {
  const counted = await text(directory, "blkio.throttle.io_service_bytes_recursive");
  const lines = counted === "" ? await text(directory, "blkio.io_service_bytes_recursive") : counted;
  return lines.split("\n").flatMap((line) => {
    const match = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line);
    if (match === null) return [];
    const [, major, minor, op = "", value] = match;
    return [{ major: Number(major), minor: Number(minor), op: op.toLowerCase(), value: Number(value) }];
  });
}

/** `8:0 rbytes=4096 wbytes=0 rios=1 …` */
async function ioV2(directory: string | undefined): Promise<CgroupUsage["io"]> {
  const ops: readonly (readonly [string, string])[] = [
    ["rbytes", "read"],
    ["wbytes", "write"],
  ];
  return (await text(directory, "io.stat")).split("\n").flatMap((line) => {
    const device = /^(\d+):(\d+) /.exec(line);
    if (device === null) return [];
    const [major, minor] = [Number(device[1]), Number(device[2])];
    return ops.map(([key, op]) => {
      const value = Number(new RegExp(` ${key}=(\\d+)`).exec(line)?.[1] ?? 0);
      return { major, minor, op, value };
    });
  });
}

async function text(directory: string | undefined, file: string): Promise<string> {
  if (directory === undefined) return "";
  return await readFile(`${directory}/${file}`, "utf8").catch(() => "");
}

/** Undefined for what is missing, and for `max`. */
async function number(directory: string | undefined, file: string): Promise<number | undefined> {
  const value = (await text(directory, file)).trim();
  return /^\d+$/.test(value) ? Number(value) : undefined;
}

async function pairs(directory: string | undefined, file: string): Promise<Record<string, number>> {
  const lines = (await text(directory, file)).split("\n");
  const found = lines.map((line) => /^(\S+) (\d+)$/.exec(line));
  return Object.fromEntries(found.flatMap((match) => (match ? [[match[1] ?? "", Number(match[2])]] : [])));
}

function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
