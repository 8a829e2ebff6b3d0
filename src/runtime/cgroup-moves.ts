import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The first move of a process into another cgroup waits for a grace period of the kernel (RCU), 8 to 16 ms; for some
 * 20 ms after it, moves take none. This begins the wait before the runtime is started, so that it passes meanwhile.
 */
export class CgroupMoves {
  #waiting = false;

  /** Something is about to be started. Returns at once; what goes wrong costs only the time it would have spared. */
  expect(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    const done = () => void (this.#waiting = false);
    moveToOwnCgroup().then(done, done);
  }
}

/** This process moves to where it is, in the first tree the host has: nothing changes, but the kernel waits. */
async function moveToOwnCgroup(): Promise<void> {
  const [, controllers = "", path = "/"] = /^\d+:([^:]*):(.*)$/m.exec(ownCgroups()) ?? [];
  const directory = join("/sys/fs/cgroup", controllers.replace(/^name=/, ""), path);
  await writeFile(join(directory, "cgroup.procs"), "0", { flag: "r+" });
}

/** Read just before the move, and not kept: whoever moves the engine elsewhere has the last word. */
function ownCgroups(): string {
  return readFileSync("/proc/self/cgroup", "utf8");
}
