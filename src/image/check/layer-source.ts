import { hasBlob } from "../../content/has-blob.ts";
import { SlipwayError } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { parseDiffID, type Digest, type DiffID } from "../../oci/digest.ts";
import { layerCompression, mediaTypes } from "../../oci/media-types.ts";
import type { Mount } from "../../oci/mount.ts";
import type { CompressedLayer } from "../compressed-layers.ts";
import { readImage } from "../read-image.ts";
import type { CheckParts } from "./check-parts.ts";

/** Which blobs the manifests of images say are which layers. */
export type ClaimedLayers = ReadonlyMap<DiffID, Descriptor>;

/** Reads the manifests that are stored. What they say is only true when the blob unpacks to the diffID. */
export async function claimedLayers({ content, images }: CheckParts): Promise<ClaimedLayers> {
  const claimed = new Map<DiffID, Descriptor>();
  const { records } = images;
  const roots = [
    ...records.list().map(({ manifest }) => manifest),
    ...records.tags().map(({ target }) => target),
  ];
  for (const root of roots) {
    const image = await readImage(content, root).catch(() => undefined);
    for (const [at, layer] of image?.manifest.layers.entries() ?? []) {
      const diffID = image?.config.rootfs.diff_ids[at];
      if (diffID !== undefined && (await hasBlob(content, layer.digest)))
        claimed.set(parseDiffID(diffID), layer);
    }
  }
  return claimed;
}

/** A stored blob that holds the layer, compressed or not; undefined when there is none. */
export async function storedLayer(
  parts: CheckParts,
  diffID: DiffID,
  claimed?: ClaimedLayers,
): Promise<Descriptor | undefined> {
  const compressed = (await parts.lazy.storedBlob(diffID)) ?? claimed?.get(diffID);
  if (compressed !== undefined) return compressed;
  const digest = diffID as unknown as Digest;
  const info = await parts.content.info(digest).catch(() => undefined);
  return info === undefined ? undefined : { mediaType: mediaTypes.ociLayer, digest, size: info.size };
}

/** A compressed blob of the layer that was given up. */
export function droppedLayer({ compressed }: CheckParts, diffID: DiffID): CompressedLayer | undefined {
  return compressed.of(diffID).find(({ isDropped }) => isDropped);
}

/** Unpacks a stored layer. Throws `data_loss` when it is not the layer it should be. */
export async function applyStored(
  parts: CheckParts,
  blob: Descriptor,
  diffID: DiffID,
  mounts: readonly Mount[],
  options?: CallOptions,
): Promise<void> {
  const got = await parts.differ.apply(blob, parts.images, mounts, options);
  if (got === diffID) {
    if (layerCompression(blob.mediaType) !== "none") parts.compressed.add(diffID, blob);
    return;
  }
  throw new SlipwayError("data_loss", `Blob "${blob.digest}" unpacks to "${got}", not to "${diffID}"`);
}

/**
 * What the files of a snapshot are as a layer: the name and size of the tar that is packed of them. It is the diffID only
 * of layers that were packed here; other programs pack otherwise.
 */
export async function packedIdentity(
  parts: CheckParts,
  snapshot: string,
  options?: CallOptions,
): Promise<{ diffID: DiffID; size: number }> {
  return await parts.differ.hashTree(await parts.snapshotter.layer(snapshot), options);
}
