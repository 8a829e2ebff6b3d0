import { availableParallelism } from "node:os";
import { SlipwayError } from "../errors.ts";
import { Handoff } from "../internal/handoff.ts";
import { parallelGzip } from "../internal/parallel-gzip.ts";
import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import type { ContentStore } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { DiffID } from "../oci/digest.ts";
import { mediaTypes, type Compression } from "../oci/media-types.ts";
import type { Mount } from "../oci/mount.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Leases } from "../state/leases.ts";
import type { PackSnapshot } from "./lazy-layers.ts";

/** Sends the layer of the writable directory of `mounts` piece by piece, each when the last was taken. */
export interface TreePacking {
  packTree(
    mounts: readonly Mount[],
    onChunk: (chunk: Uint8Array) => void | Promise<void>,
    options?: CallOptions & { compression?: Compression },
  ): Promise<{ diffID: DiffID }>;
}

export interface SnapshotPackerParts {
  readonly snapshotter: Snapshotter;
  readonly differ: TreePacking;
  readonly content: ContentStore;
  readonly leases: Leases;
}

const layerTypes: Record<Compression, string> = {
  none: mediaTypes.ociLayer,
  gzip: mediaTypes.ociLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
};

/** Packs committed snapshots by looking at them through a view that lives as long as the packing. */
export function snapshotPacker(parts: SnapshotPackerParts): PackSnapshot {
  const { snapshotter, leases } = parts;
  return async (snapshot, options = {}) => {
    const key = `pack-${crypto.randomUUID()}`;
    using lease = leases.create("pack");
    lease.add(`snapshot/${key}`);
    lease.add(`snapshot/${snapshot}`);
    const mounts = await snapshotter.view(key, snapshot);
    try {
      return await packInto(parts, ownDirectory(snapshot, mounts), options);
    } finally {
      await snapshotter.remove(key);
    }
  };
}

async function packInto(
  parts: SnapshotPackerParts,
  mount: Mount,
  options: CallOptions & { compression?: Compression },
): Promise<{ layer: Descriptor; diffID: DiffID }> {
  const { compression = "none", signal } = options;
  await using writer = await parts.content.ingest(`pack/${crypto.randomUUID()}`);
  const chunks = new Handoff<Uint8Array>();
  // gzip is the slow part, so it is not left to the one thread that packs.
  const inPacker = compression === "gzip" ? "none" : compression;
  const packing = parts.differ.packTree([mount], (chunk) => chunks.put(chunk), {
    compression: inPacker,
    signal,
  });
  packing.then(
    () => chunks.end(),
    (error: unknown) => chunks.end({ error }),
  );
  try {
    for await (const chunk of compression === "gzip" ? gzipped(chunks) : chunks) await writer.write(chunk);
    const { diffID } = await packing;
    const blob = await writer.commit();
    return { layer: { ...blob, mediaType: layerTypes[compression] }, diffID };
  } catch (error) {
    await writer.abort();
    await packing.catch(() => {});
    throw error;
  }
}

function gzipped(stream: ByteStream): ByteStream {
  return parallelGzip(stream, { width: availableParallelism() });
}

/** The directory with the snapshot's own files: the bind itself, or the first of an overlay's lower directories. */
function ownDirectory(snapshot: string, mounts: readonly Mount[]): Mount {
  const [mount] = mounts;
  if (mount === undefined) throw noDirectory(snapshot);
  const kept = mount.options.filter((option) => option === "userxattr");
  const options = ["rbind", "rw", ...kept];
  if (mount.type !== "overlay") return { type: "bind", source: mount.source, options };
  const lower = mount.options.find((option) => option.startsWith("lowerdir="))?.slice("lowerdir=".length);
  const source = /^(?:\\.|[^:\\])+/.exec(lower ?? "")?.[0].replace(/\\(.)/g, "$1");
  if (source === undefined) throw noDirectory(snapshot);
  return { type: "bind", source, options };
}

function noDirectory(snapshot: string): SlipwayError {
  return new SlipwayError("internal", `Cannot pack snapshot "${snapshot}": its mounts have no directory`);
}
