import type { OverlayDiffer } from "../layer/overlay-differ.ts";
import type { Unpacker } from "../image/unpacker.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { readBlob } from "../content/read-blob.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { chainID, digestOf, type Digest } from "../oci/digest.ts";
import type { HistoryEntry, ImageConfig } from "../oci/image-config.ts";
import type { Mount } from "../oci/mount.ts";
import { parseManifest } from "../oci/parse-manifest.ts";
import type { Layer, LayerParts } from "./image-layers.ts";

export interface SquashParts extends LayerParts {
  readonly differ: Pick<OverlayDiffer, "squash">;
  readonly unpacker: Pick<Unpacker, "unpack">;
}

/** An image before it is stored. */
export interface UnstoredImage {
  /** Bottom first. */
  readonly layers: readonly Layer[];
  readonly config: ImageConfig;
}

/**
 * The same image with all layers that the build made as one on top of those of `base`, as Docker's `--squash`: the
 * history keeps its lines, of which none has a layer now, and gets one for the merged layer. An image without layers
 * of its own stays as it is. The layer is a blob; unpack it for the image to be used.
 */
export async function squashImage(
  parts: SquashParts,
  base: Descriptor | undefined,
  image: UnstoredImage,
  options: CallOptions,
): Promise<UnstoredImage> {
  const own = image.layers.filter(({ made }) => made !== undefined);
  const below = image.layers.filter(({ made }) => made === undefined);
  if (own.length === 0) return image;
  const [ownMounts, baseMounts] = [await mountsOf(parts, own), await baseMountsOf(parts, below)];
  const hold = (digest: Digest) => parts.lease.add(`blob/${digest}`);
  const { layer, diffID } = await parts.differ.squash(ownMounts, baseMounts, { ...options, hold });
  const layers: Layer[] = [...below, { descriptor: layer, diffID }];
  const id = digestOf(Buffer.from(JSON.stringify(image.config)));
  const comment = base === undefined ? `create new from ${id}` : `merge ${id} to ${await idOf(parts, base)}`;
  const { config } = image;
  const history = squashedHistory(config.history ?? [], below.length, comment);
  const rootfs = { type: "layers", diff_ids: layers.map((each) => each.diffID) } as const;
  return { layers, config: { ...config, rootfs, history } };
}

/** The lines after those of the `kept` lowest layers have no layer any more; the last line tells of the one for all. */
function squashedHistory(history: readonly HistoryEntry[], kept: number, comment: string): HistoryEntry[] {
  let layer = 0;
  const lines = history.map((entry): HistoryEntry => {
    if (entry.empty_layer === true) return entry;
    layer += 1;
    return layer > kept ? { ...entry, empty_layer: true } : entry;
  });
  const created = history.at(-1)?.created;
  return [...lines, { ...(created !== undefined && { created }), comment }];
}

/** Top first. */
async function mountsOf(
  { snapshotter }: SquashParts,
  layers: readonly Layer[],
): Promise<(readonly Mount[])[]> {
  const snapshots = layers.flatMap(({ made }) => made?.snapshot ?? []).toReversed();
  return await Promise.all(snapshots.map((snapshot) => snapshotter.layer(snapshot)));
}

/** Top first. */
async function baseMountsOf(parts: SquashParts, base: readonly Layer[]): Promise<(readonly Mount[])[]> {
  const diffIDs = base.map(({ diffID }) => diffID);
  const snapshots = diffIDs.map((_, at) => {
    const chain = chainID(diffIDs.slice(0, at + 1));
    const record = chain === undefined ? undefined : parts.layers.get(chain);
    if (record === undefined) throw new Error(`Layer ${at + 1} of the base is not unpacked`);
    parts.lease.add(`snapshot/${record.snapshot}`);
    return record.snapshot;
  });
  return await Promise.all(snapshots.toReversed().map((snapshot) => parts.snapshotter.layer(snapshot)));
}

async function idOf({ images }: SquashParts, base: Descriptor): Promise<Digest> {
  return parseManifest(await readBlob(images, base)).config.digest;
}
