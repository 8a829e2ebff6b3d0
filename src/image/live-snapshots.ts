import type { SnapshotInfo } from "../snapshot/snapshotter.ts";

/** The keys among `all` that `roots` name, with everything they stand on. Pure. */
export function liveSnapshots(all: ReadonlyMap<string, SnapshotInfo>, roots: Iterable<string>): Set<string> {
  const live = new Set<string>();
  for (const key of roots) {
    for (let at: string | undefined = key; at !== undefined && !live.has(at); at = all.get(at)?.parent) {
      live.add(at);
    }
  }
  return live;
}
