import { Handoff } from "../internal/handoff.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Mount } from "../oci/mount.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Leases } from "../state/leases.ts";
import type { PackSnapshot } from "./lazy-layers.ts";

/** Sends the tar of the layer that `mounts` show piece by piece, each when the last was taken. */
export interface TreePacking {
  packTree(
    mounts: readonly Mount[],
    onChunk: (chunk: Uint8Array) => void | Promise<void>,
    options?: CallOptions,
  ): Promise<unknown>;
}

export interface SnapshotPackerParts {
  readonly snapshotter: Snapshotter;
  readonly differ: TreePacking;
  readonly leases: Leases;
}

/** Packs the layers of committed snapshots, which are leased as long as the stream is read. */
export function snapshotPacker(parts: SnapshotPackerParts): PackSnapshot {
  const { snapshotter, differ, leases } = parts;
  return async function* (snapshot, options = {}) {
    using lease = leases.create("pack");
    lease.add(`snapshot/${snapshot}`);
    yield* treeStream(differ, await snapshotter.layer(snapshot), options);
  };
}

async function* treeStream(
  differ: TreePacking,
  mounts: readonly Mount[],
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const chunks = new Handoff<Uint8Array>();
  const packing = differ
    .packTree(mounts, (chunk) => chunks.put(chunk), { signal })
    .then(
      () => chunks.end(),
      (error: unknown) => chunks.end({ error }),
    );
  try {
    yield* chunks;
  } finally {
    stop.abort();
    await packing;
  }
}
