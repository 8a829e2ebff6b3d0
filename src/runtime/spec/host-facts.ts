import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { detectCgroupMode } from "../cgroup-mode.ts";
import { capabilitiesOfMask } from "./capabilities.ts";
import { hostDevices } from "./host-devices.ts";
import type { HostFacts } from "./spec-input.ts";

const goArchitectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", loong64: "loong64" };

/** Names in /proc/self/limits → the names of `--ulimit`. */
const limitNames: Readonly<Record<string, string>> = {
  "Max cpu time": "cpu",
  "Max file size": "fsize",
  "Max data size": "data",
  "Max stack size": "stack",
  "Max core file size": "core",
  "Max resident set": "rss",
  "Max processes": "nproc",
  "Max open files": "nofile",
  "Max locked memory": "memlock",
  "Max address space": "as",
  "Max file locks": "locks",
  "Max pending signals": "sigpending",
  "Max msgqueue size": "msgqueue",
  "Max nice priority": "nice",
  "Max realtime priority": "rtprio",
  "Max realtime timeout": "rttime",
};

/** Reads what {@link HostFacts} holds. Nothing of it changes while the engine runs but the devices. */
export function readHostFacts(rootless = false): HostFacts {
  const cgroupMode = detectCgroupMode();
  return {
    cgroupMode,
    ...(rootless ? { rootless: { ids: lastGroup() } } : {}),
    architecture: goArchitectures[process.arch] ?? process.arch,
    capabilities: ownCapabilities(),
    limits: parseLimits(readFileSync("/proc/self/limits", "utf8")),
    oomScoreAdj: Number.parseInt(readFileSync("/proc/self/oom_score_adj", "utf8"), 10),
    swapLimit:
      cgroupMode === "v2"
        ? existsSync("/proc/swaps")
        : existsSync("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"),
    cpus: availableParallelism(),
    cpuList: firstLine("/sys/devices/system/cpu/online"),
    memoryNodes: firstLine("/sys/devices/system/node/online") || "0",
    realtimeCpu: existsSync("/sys/fs/cgroup/cpu/cpu.rt_runtime_us"),
    apparmor: firstLine("/sys/module/apparmor/parameters/enabled") === "Y",
    thermalPaths: thermalPaths(),
    messageQueues: existsSync("/dev/mqueue"),
    devices: hostDevices(),
  };
}

/** The last of the groups that are there without a gap, from 0 on. */
function lastGroup(): number {
  const lines = readFileSync("/proc/self/gid_map", "utf8").trim().split("\n");
  const ranges = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return ranges.reduce((end, [first = 0, , count = 0]) => (first === end ? end + count : end), 0) - 1;
}

/** The capabilities this process has and may pass on (`CAP_…`). */
export function ownCapabilities(): readonly string[] {
  const status = readFileSync("/proc/self/status", "utf8");
  const permitted = capabilitiesOfMask(/^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0");
  const bounding = capabilitiesOfMask(/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0");
  return permitted.filter((name) => bounding.includes(name));
}

/** The text of /proc/<pid>/limits. */
export function parseLimits(text: string): HostFacts["limits"] {
  const limits: Record<string, { soft: number; hard: number }> = {};
  for (const line of text.split("\n")) {
    const match = /^(Max [a-z ]+?) {2,}(\S+) +(\S+)/.exec(line);
    const name = limitNames[match?.[1] ?? ""];
    if (name !== undefined) limits[name] = { soft: limit(match?.[2]), hard: limit(match?.[3]) };
  }
  return limits;
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

function limit(text: string | undefined): number {
  return text === undefined || text === "unlimited" ? Infinity : Number(text);
}

function thermalPaths(): readonly string[] {
  const root = "/sys/devices/system/cpu";
  try {
    return readdirSync(root)
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => join(root, name, "thermal_throttle"))
      .filter((path) => existsSync(path));
  } catch {
    return [];
  }
}
