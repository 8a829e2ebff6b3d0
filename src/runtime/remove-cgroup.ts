import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";

const root = "/sys/fs/cgroup";
const tries = 100;
const pauseMs = 5;

/**
 * Kills what still runs in the cgroup `path` and removes it from every hierarchy. A runtime that was stopped in the
 * middle of its work may leave one that it no longer knows. Idempotent.
 */
export async function removeCgroup(path: string): Promise<void> {
  if (path.split("/").filter((part) => part !== "" && part !== "." && part !== "..").length < 2) return;
  for (const hierarchy of [root, ...readdirSync(root).map((name) => join(root, name))]) {
    const directory = join(hierarchy, path);
    for (let attempt = 0; existsSync(directory) && attempt < tries; attempt += 1) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      removeTree(directory);
    }
  }
}

function removeTree(directory: string): void {
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(directory, entry.name));
    }
    for (const pid of readFileSync(join(directory, "cgroup.procs"), "utf8").split("\n")) {
      if (/^[1-9]\d*$/.test(pid)) process.kill(Number(pid), "SIGKILL");
    }
    rmdirSync(directory);
  } catch {
    // Gone meanwhile, or not empty yet: the caller looks again.
  }
}
