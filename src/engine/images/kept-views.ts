import type { Snapshotter } from "../../snapshot/snapshotter.ts";
import type { Leases } from "../../state/leases.ts";
import { mountTable } from "../disk/check/mount-table.ts";

/** Of the keys of views that mounted images stand on; an image ID follows. */
export const viewPrefix = "image-mount-";

/**
 * At the start of an engine: the views that mounts stand on are held against the collector; those whose mount is gone,
 * as after a reboot, go.
 */
export async function keepMountedImages(parts: {
  readonly snapshotter: Snapshotter;
  readonly leases: Leases;
}): Promise<void> {
  const mounts = await mountTable();
  for (const { key } of await Array.fromAsync(parts.snapshotter.list())) {
    if (!key.startsWith(viewPrefix)) continue;
    const name = `/images/${key.slice(viewPrefix.length + 7, viewPrefix.length + 19)}`;
    if (mounts.some(({ target }) => target.endsWith(name))) holdView(parts.leases, key);
    else await parts.snapshotter.remove(key);
  }
}

/** For as long as the engine runs: without its view there is nothing to hold. */
export function holdView(leases: Leases, key: string): void {
  leases.create("mount").add(`snapshot/${key}`);
}
