import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { errorMessage, SlipwayError } from "../errors.ts";
import { mountAll } from "../platform/mount-all.ts";
import { detachMount } from "../platform/mount.ts";

/**
 * Tries whether overlays can stand on the file system of `root` by mounting a small one. Leaves nothing; one caller a
 * root at a time. Throws `unavailable`, saying what to do: an overlay cannot stand on another overlay (a container's
 * own root, say), nor on most network file systems.
 */
export async function probeOverlay(root: string): Promise<void> {
  const directory = join(root, "probe");
  const target = join(directory, "target");
  clear(directory, target);
  try {
    const options = ["lowerdir", "upperdir", "workdir"].map((name) => {
      mkdirSync(join(directory, name), { recursive: true });
      return `${name}=${join(directory, name)}`;
    });
    await using _mount = mountAll([{ type: "overlay", source: "overlay", options }], target);
  } catch (cause) {
    const advice = "use a root on ext4, xfs or btrfs (--root, or SLIPWAY_ROOT)";
    const what = `Cannot use "${root}": overlay file systems cannot be mounted there`;
    throw new SlipwayError("unavailable", `${what} (${errorMessage(cause)}); ${advice}`, { cause });
  } finally {
    clear(directory, target);
  }
}

/** Also what a probe left that was killed half-way. */
function clear(directory: string, target: string): void {
  detachMount(target);
  rmSync(directory, { recursive: true, force: true });
}
