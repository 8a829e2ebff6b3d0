import { readFile } from "node:fs/promises";
import { detachMount } from "./mount.ts";

/**
 * Detaches what is mounted below any of the directories, the last mounted first, but for mount points that `isKept`
 * names. Idempotent.
 */
export async function detachBelow(
  directories: readonly string[],
  isKept: (path: string) => boolean = () => false,
): Promise<void> {
  for (const path of (await mountPoints()).toReversed()) {
    const isBelow = directories.some((directory) => path.startsWith(`${directory}/`));
    if (isBelow && !isKept(path)) detachMount(path);
  }
}

/** In the order they were mounted. */
async function mountPoints(): Promise<string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  return table.split("\n").flatMap((line) => line.split(" ", 5)[4] ?? []);
}
