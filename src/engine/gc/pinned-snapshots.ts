import { liveSnapshots } from "../../image/live-snapshots.ts";
import { markImages } from "../../image/mark.ts";
import type { SnapshotInfo } from "../../snapshot/snapshotter.ts";
import type { StoreParts } from "../store-parts.ts";

/**
 * Tells which snapshots images, containers and work in flight need, so that taking them out of the build cache frees
 * nothing. What is leased later counts from then on.
 */
export async function pinnedSnapshots({
  stores,
  host,
}: Pick<StoreParts, "stores" | "host">): Promise<(snapshot: string) => boolean> {
  const { leases, images, snapshotter } = stores;
  const { snapshots } = await markImages({ ...stores, records: images.records });
  const all = new Map<string, SnapshotInfo>();
  for await (const info of snapshotter.list()) all.set(info.key, info);
  const roots = [...snapshots, ...host.store.all().map(({ id }) => id), ...leases.held("snapshot")];
  const live = liveSnapshots(all, roots);
  return (snapshot) => live.has(snapshot) || leases.isHeld(`snapshot/${snapshot}`);
}
