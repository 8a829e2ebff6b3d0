import { statfsSync } from "node:fs";

/**
 * How this host keeps cgroups. `v2`: one tree at /sys/fs/cgroup. `v1`: a tree for each controller. `hybrid`: v1 trees
 * with a v2 tree at /sys/fs/cgroup/unified beside them.
 */
export type CgroupMode = "v1" | "v2" | "hybrid";

const CGROUP2_MAGIC = 0x63677270;
export const unifiedPath = "/sys/fs/cgroup/unified";

/** Which hierarchies this host has mounted. */
export function detectCgroupMode(root = "/sys/fs/cgroup"): CgroupMode {
  if (isCgroup2(root)) return "v2";
  return isCgroup2(`${root}/unified`) ? "hybrid" : "v1";
}

function isCgroup2(path: string): boolean {
  try {
    return statfsSync(path).type === CGROUP2_MAGIC;
  } catch {
    return false;
  }
}
