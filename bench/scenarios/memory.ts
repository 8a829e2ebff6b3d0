import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

/** Memory of the processes that run although nobody asks for anything. */
export const memoryScenarios: readonly Scenario[] = [
  {
    id: "memory-idle",
    area: "memory",
    title: "engine's processes, idle, after the work above",
    unit: "MB",
    quick: true,
    rounds: 3,
    warmUp: false,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: ({ enginePids }) =>
      enginePids && {
        sample: async () => {
          await sleep(8000); // At rest means that nothing happened for a while.
          return enginePids().reduce((sum, pid) => sum + memoryOf(pid), 0);
        },
      },
  },
];

/** Proportional share of a process's memory, in MB: pages shared with others count in part. */
export function memoryOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1000;
}
