import { isCode } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Digest } from "../oci/digest.ts";
import type { SnapshotInfo, Snapshotter } from "../snapshot/snapshotter.ts";
import type { Leases } from "../state/leases.ts";
import type { ImageStore } from "./image-store.ts";
import { liveSnapshots } from "./live-snapshots.ts";
import { markImages, type MarkParts } from "./mark.ts";

/** What a collection removed. */
export interface Collected {
  readonly blobs: Digest[];
  readonly snapshots: string[];
  /** Bytes of disk that are free again, without the work directories of snapshots. */
  bytes: number;
}

export interface GarbageParts extends Omit<MarkParts, "records"> {
  readonly images: ImageStore;
  readonly snapshotter: Snapshotter;
  readonly leases: Leases;
  /** Snapshots that containers and the build cache stand for. Asked anew before every sweep; parents are kept too. */
  readonly snapshotsInUse: () => Iterable<string>;
}

const rounds = 3;

/**
 * Removes the blobs and snapshots that no image, container, build step or lease needs: marks, then sweeps. Safe beside
 * other work, which must hold by a lease what it uses before a record names it, and lease a key before `prepare`.
 * When images change during the sweep it marks again; what is left after a few rounds goes the next time.
 */
export async function collectGarbage(parts: GarbageParts, options?: CallOptions): Promise<Collected> {
  const collected: Collected = { blobs: [], snapshots: [], bytes: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const { generation } = parts.images;
    await sweepOnce(parts, collected, () => {
      options?.signal?.throwIfAborted();
      return parts.images.generation === generation;
    });
    if (parts.images.generation === generation) break;
  }
  return collected;
}

async function sweepOnce(parts: GarbageParts, collected: Collected, isCurrent: () => boolean): Promise<void> {
  const marked = await markImages({ ...parts, records: parts.images.records });
  await sweepSnapshots(parts, marked.snapshots, collected, isCurrent);
  for (const { blob, isDropped } of parts.compressed.list()) {
    if (isDropped && isCurrent() && !marked.blobs.has(blob.digest)) parts.compressed.delete(blob.digest);
  }
  const dead: { digest: Digest; size: number }[] = [];
  for await (const { digest, size } of parts.content.list()) {
    if (!marked.blobs.has(digest)) dead.push({ digest, size });
  }
  for (const { digest, size } of dead) {
    const isLive = (): boolean => !isCurrent() || parts.leases.isHeld(`blob/${digest}`);
    if (!(await parts.images.collect(digest, isLive))) continue;
    collected.blobs.push(digest);
    collected.bytes += size;
  }
}

async function sweepSnapshots(
  parts: GarbageParts,
  marked: ReadonlySet<string>,
  collected: Collected,
  isCurrent: () => boolean,
): Promise<void> {
  const all = new Map<string, SnapshotInfo>();
  for await (const info of parts.snapshotter.list()) all.set(info.key, info);
  const roots = [...marked, ...parts.snapshotsInUse(), ...parts.leases.held("snapshot")];
  const live = liveSnapshots(all, roots);
  await dropLostLayers(parts, all);
  const dead = [...all.keys()].filter((key) => !live.has(key));
  for (const key of childrenFirst(dead, all)) await sweepSnapshot(parts, key, collected, isCurrent);
}

/** A layer whose snapshot is gone, which only damage from outside can do, is not held any more: it can be unpacked anew. */
async function dropLostLayers(parts: GarbageParts, all: ReadonlyMap<string, SnapshotInfo>): Promise<void> {
  for (const { snapshot } of parts.layers.list()) {
    if (all.has(snapshot)) continue;
    await parts.snapshotter.stat(snapshot).catch((error: unknown) => {
      if (!isCode(error, "not_found")) throw error;
      parts.layers.deleteBySnapshot(snapshot);
    });
  }
}

/** The layer's record goes before the snapshot it names. A snapshot that something stands on by now stays. */
async function sweepSnapshot(
  parts: GarbageParts,
  key: string,
  collected: Collected,
  isCurrent: () => boolean,
): Promise<void> {
  const { snapshotter, layers, leases } = parts;
  const { bytes } = await snapshotter.usage(key).catch(() => ({ bytes: 0 }));
  if (!isCurrent() || leases.isHeld(`snapshot/${key}`)) return;
  layers.deleteBySnapshot(key);
  try {
    await snapshotter.remove(key);
  } catch (error) {
    if (isCode(error, "conflict") || isCode(error, "not_found")) return;
    throw error;
  }
  collected.snapshots.push(key);
  collected.bytes += bytes;
}

function childrenFirst(keys: readonly string[], all: ReadonlyMap<string, SnapshotInfo>): string[] {
  const depthOf = (key: string): number => {
    let depth = 0;
    for (let at = all.get(key)?.parent; at !== undefined; at = all.get(at)?.parent) depth += 1;
    return depth;
  };
  return keys
    .map((key) => ({ key, depth: depthOf(key) }))
    .sort((a, b) => b.depth - a.depth)
    .map(({ key }) => key);
}
