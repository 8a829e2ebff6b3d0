import { readFile, writeFile } from "node:fs/promises";
import { parseCgroups } from "./cgroup-usage.ts";
import type { OciResources } from "./spec/oci-spec.ts";

type Limits = Omit<OciResources, "devices">;

/** What an update takes away, which a runtime cannot do: crun writes -1 where the kernel wants a word. */
interface Lifted {
  readonly pids: boolean;
  readonly cpuQuota: boolean;
}

/** The limits for the runtime, and those that are below zero, which means none. Pure. */
export function splitLimits(limits: Limits): { set: Limits; lifted: Lifted } {
  const { pids, cpu, ...others } = limits;
  const { quota, ...cpuRest } = cpu ?? {};
  const lifted = { pids: (pids?.limit ?? 0) < 0, cpuQuota: (quota ?? 0) < 0 };
  const cpuSet = lifted.cpuQuota ? cpuRest : cpu;
  const set = {
    ...others,
    ...(pids === undefined || lifted.pids ? {} : { pids }),
    ...(cpuSet === undefined || Object.keys(cpuSet).length === 0 ? {} : { cpu: cpuSet }),
  };
  return { set, lifted };
}

/** Takes the limits away from the control groups of the process, v1 and v2. */
export async function liftLimits(pid: number, { pids, cpuQuota }: Lifted): Promise<void> {
  if (!pids && !cpuQuota) return;
  const groups = parseCgroups(await readFile(`/proc/${pid}/cgroup`, "utf8"), "/sys/fs/cgroup");
  if (pids) await writeFile(`${groups.get("pids") ?? groups.get("")}/pids.max`, "max");
  if (!cpuQuota) return;
  const cpu = groups.get("cpu");
  if (cpu === undefined) await writeFile(`${groups.get("")}/cpu.max`, "max");
  else await writeFile(`${cpu}/cpu.cfs_quota_us`, "-1");
}
