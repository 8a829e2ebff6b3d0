import { Handoff } from "../internal/handoff.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Mount } from "../oci/mount.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Leases } from "../state/leases.ts";
import type { PackSnapshot } from "./lazy-layers.ts";
import { ownDirectory } from "./own-directory.ts";

/** Sends the layer tar of the writable directory of `mounts` piece by piece, each when the last was taken. */
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

/** Packs committed snapshots by looking at them through a view that lives as long as the stream is read. */
export function snapshotPacker(parts: SnapshotPackerParts): PackSnapshot {
  const { snapshotter, differ, leases } = parts;
  return async function* (snapshot, options = {}) {
    const key = `pack-${crypto.randomUUID()}`;
    using lease = leases.create("pack");
    lease.add(`snapshot/${key}`);
    lease.add(`snapshot/${snapshot}`);
    const mounts = await snapshotter.view(key, snapshot);
    try {
      yield* treeStream(differ, ownDirectory(snapshot, mounts), options);
    } finally {
      await snapshotter.remove(key);
    }
  };
}

async function* treeStream(
  differ: TreePacking,
  mount: Mount,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const chunks = new Handoff<Uint8Array>();
  const packing = differ
    .packTree([mount], (chunk) => chunks.put(chunk), { signal })
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
