import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run, tryRun } from "../command.ts";
import { busybox, type Inputs } from "../inputs/inputs.ts";
import type { Peer } from "../peers/peer.ts";
import type { Probe, Scenario } from "../scenario.ts";

/** Memory of the processes that run although nobody asks for anything. */
export const memoryScenarios: readonly Scenario[] = [
  {
    id: "memory-idle",
    area: "memory",
    title: "engine's processes, idle, after the work above",
    unit: "MB",
    quick: true,
    rounds: 3,
    goal: { peer: "docker", ratio: 1 / 2 },
    open: ({ enginePids }) =>
      enginePids && {
        sample: async () => {
          await sleep(8000); // At rest means that nothing happened for a while.
          return enginePids().reduce((sum, pid) => sum + memoryOf(pid), 0);
        },
      },
  },
  {
    id: "memory-layer",
    area: "memory",
    title: "engine's processes, at most, while a step writes a layer of 2 GB and it is named",
    unit: "MB",
    rounds: 1,
    open: bigLayer,
  },
];

/** Slipway may take 250 MB, whatever others take. */
function bigLayer(peer: Peer, inputs: Inputs): Probe | undefined {
  const { enginePids } = peer;
  const cli = peer.buildCli ?? peer.cli;
  if (cli === undefined || enginePids === undefined) return undefined;
  const context = inputs.scratch(`layer-${peer.name}`);
  const step = "RUN dd if=/dev/zero of=/big bs=1M count=2048";
  writeFileSync(join(context, "Dockerfile"), `FROM ${busybox}\n${step}\n`);
  const tag = "bench-layer";
  return {
    sample: () => {
      // From now on the kernel counts the peak anew (proc(5), "clear_refs").
      for (const pid of enginePids()) writeFileSync(`/proc/${pid}/clear_refs`, "5");
      run(cli("build", "--no-cache", "-t", tag, context));
      return enginePids().reduce((sum, pid) => sum + peakOf(pid), 0);
    },
    close: () => {
      tryRun(cli("rmi", "-f", tag));
      if (peer.pruneBuilds !== undefined) run(peer.pruneBuilds);
    },
  };
}

/** The most memory the process had since its peak was reset, in MB. */
function peakOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1000;
}

/** Proportional share of a process's memory, in MB: pages shared with others count in part. */
export function memoryOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1000;
}
