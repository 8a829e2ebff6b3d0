import { SlipwayError } from "../errors.ts";
import type { Differ } from "../layer/differ.ts";
import type { Mount } from "../oci/mount.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Leases } from "../state/leases.ts";
import type { PackSnapshot } from "./lazy-layers.ts";

/** Packs committed snapshots by looking at them through a view that lives as long as the packing. */
export function snapshotPacker(parts: {
  readonly snapshotter: Snapshotter;
  readonly differ: Pick<Differ, "compare">;
  readonly leases: Leases;
}): PackSnapshot {
  const { snapshotter, differ, leases } = parts;
  return async (snapshot, options) => {
    const key = `pack-${crypto.randomUUID()}`;
    using lease = leases.create("pack");
    lease.add(`snapshot/${key}`);
    lease.add(`snapshot/${snapshot}`);
    const mounts = await snapshotter.view(key, snapshot);
    try {
      return await differ.compare([ownDirectory(snapshot, mounts)], options);
    } finally {
      await snapshotter.remove(key);
    }
  };
}

/** The directory with the snapshot's own files: the bind itself, or the first of an overlay's lower directories. */
function ownDirectory(snapshot: string, mounts: readonly Mount[]): Mount {
  const [mount] = mounts;
  if (mount?.type === "overlay") {
    const lower = mount.options.find((option) => option.startsWith("lowerdir="));
    const source = lower?.slice("lowerdir=".length).split(":")[0];
    if (source !== undefined && source !== "") return { type: "bind", source, options: ["rbind", "ro"] };
  }
  if (mount !== undefined && mount.type !== "overlay") return mount;
  throw new SlipwayError("internal", `Cannot pack snapshot "${snapshot}": its mounts have no directory`);
}
