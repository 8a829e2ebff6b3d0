import { wrongDigest, wrongSize, type Expected } from "../content/verify.ts";
import { Handoff } from "../internal/handoff.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { splitDigest, type DiffID, type Digest } from "../oci/digest.ts";
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
  ): Promise<{ readonly diffID: DiffID; readonly size: number }>;
}

export interface SnapshotPackerParts {
  readonly snapshotter: Snapshotter;
  readonly differ: TreePacking;
  readonly leases: Leases;
}

/** Packs the layers of committed snapshots, which are leased as long as the stream is read. */
export function snapshotPacker(parts: SnapshotPackerParts): PackSnapshot {
  const { snapshotter, differ, leases } = parts;
  return async (snapshot, expected, options = {}) => {
    const mounts = await snapshotter.layer(snapshot);
    return leased(leases, snapshot, () => treeStream(differ, mounts, expected, options));
  };
}

async function* leased(
  leases: Leases,
  snapshot: string,
  stream: () => AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  using lease = leases.create("pack");
  lease.add(`snapshot/${snapshot}`);
  yield* stream();
}

async function* treeStream(
  differ: TreePacking,
  mounts: readonly Mount[],
  expected: Expected,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const chunks = new Handoff<Uint8Array>();
  const packing = differ
    .packTree(mounts, (chunk) => chunks.put(chunk), { signal })
    .then((packed) => expectSame(packed, expected))
    .then(
      () => chunks.end(),
      (error: unknown) => chunks.end({ error }),
    );
  try {
    let held: Uint8Array | undefined;
    for await (const chunk of chunks) {
      if (held !== undefined) yield held;
      held = chunk;
    }
    if (held !== undefined) yield held;
  } finally {
    stop.abort();
    await packing;
  }
}

/** The worker has hashed what it packed. */
function expectSame(packed: { readonly diffID: DiffID; readonly size: number }, expected: Expected): void {
  if (packed.size !== expected.size) throw wrongSize(expected, String(packed.size));
  const digest: string = packed.diffID;
  if (digest !== expected.digest) throw wrongDigest(expected.digest, splitDigest(digest as Digest).hex);
}
