import { hasBlob } from "../content/has-blob.ts";
import type { OverlayDiffer } from "../layer/overlay-differ.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { ContentStore } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Leases } from "../state/leases.ts";
import type { CompressedLayer, CompressedLayers, HadAgain, PackedAs } from "./compressed-layers.ts";
import type { ImageStore } from "./image-store.ts";
import type { LayerStore } from "./layer-store.ts";

export interface DropParts {
  readonly content: ContentStore;
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly compressed: CompressedLayers;
  readonly snapshotter: Snapshotter;
  readonly leases: Leases;
  readonly differ: Pick<OverlayDiffer, "hashTree">;
  /** Whether the blob can be had from a registry by everybody. */
  readonly canFetch: (blob: Descriptor, options?: CallOptions) => Promise<boolean>;
}

/**
 * Gives up the compressed blobs of layers that are unpacked, where that loses nothing: those that were compressed here
 * from files that still give the same tar, and those that a registry has. {@link LazyLayers} makes or fetches them again.
 * Work in flight keeps what it has leased. Resolves to the bytes freed.
 */
export async function dropLayerBlobs(parts: DropParts, options: CallOptions = {}): Promise<number> {
  const { compressed, content, images, leases } = parts;
  // What is to be made from the files needs them on the disk.
  await parts.snapshotter.flush();
  let bytes = 0;
  for (const layer of compressed.list()) {
    options.signal?.throwIfAborted();
    const { digest, size } = layer.blob;
    const again = (await hasBlob(content, digest)) ? await hadAgain(parts, layer, options) : undefined;
    if (again === undefined) continue;
    if (await images.drop(digest, again, () => leases.isHeld(`blob/${digest}`))) bytes += size;
  }
  return bytes;
}

async function hadAgain(
  parts: DropParts,
  { diffID, recipe, blob }: CompressedLayer,
  options: CallOptions,
): Promise<HadAgain | undefined> {
  const layer = parts.layers.byDiffID(diffID);
  if (layer === undefined) return undefined;
  const packedAs = await packed(parts, layer.snapshot, options);
  // What others packed is mostly packed in another order: the files alone do not tell.
  if (recipe !== undefined && packedAs.digest === (diffID as string)) return { again: "made", packedAs };
  return (await parts.canFetch(blob, options)) ? { again: "fetched", packedAs } : undefined;
}

async function packed(
  { differ, snapshotter }: DropParts,
  snapshot: string,
  options: CallOptions,
): Promise<PackedAs> {
  const { diffID, size } = await differ.hashTree(await snapshotter.layer(snapshot), options);
  return { digest: diffID as unknown as Digest, size };
}
