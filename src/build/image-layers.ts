import type { ImageStore } from "../image/image-store.ts";
import type { LayerStore } from "../image/layer-store.ts";
import { readBlob } from "../content/read-blob.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { chainID, digestOf, parseDiffID, type DiffID, type Digest } from "../oci/digest.ts";
import { mediaTypes } from "../oci/media-types.ts";
import { parseImageConfig } from "../oci/parse-image-config.ts";
import { parseManifest } from "../oci/parse-manifest.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Lease } from "../state/leases.ts";
import type { LayerHashes } from "./layer-hashes.ts";

export interface LayerParts {
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly snapshotter: Snapshotter;
  readonly hashes: LayerHashes;
  readonly lease: Lease;
}

/** One layer of an image: what the manifest says of it, its diffID, and the snapshot that holds it. */
export interface Layer {
  readonly descriptor: Descriptor;
  readonly diffID: DiffID;
  /** Undefined for a layer of the base. */
  readonly made?: { readonly snapshot: string; readonly contentBytes: number };
}

/**
 * The layers of the stored manifest `base`, with the descriptors they came with, and of `snapshots` on top of it, bottom first.
 * Every new stack is known by its ChainID from now on, so that a pull of it takes nothing.
 */
export async function imageLayers(
  parts: LayerParts,
  base: Descriptor | undefined,
  snapshots: readonly string[],
  options: CallOptions,
): Promise<Layer[]> {
  const own = await Promise.all(snapshots.map((snapshot) => ownLayer(parts, snapshot, options)));
  const layers = [...(base === undefined ? [] : await baseLayers(parts, base, options)), ...own];
  await recordLayers(parts, layers);
  return layers;
}

async function ownLayer(parts: LayerParts, snapshot: string, options: CallOptions): Promise<Layer> {
  const { diffID, size, contentBytes } = await parts.hashes.of(snapshot, options);
  const digest = diffID as unknown as Digest;
  return {
    descriptor: { mediaType: mediaTypes.ociLayer, digest, size },
    diffID,
    made: { snapshot, contentBytes },
  };
}

async function baseLayers(parts: LayerParts, base: Descriptor, options: CallOptions): Promise<Layer[]> {
  parts.lease.add(`blob/${base.digest}`);
  const { layers, config } = parseManifest(await readBlob(parts.images, base, options));
  const { rootfs } = parseImageConfig(await readBlob(parts.images, config, options));
  return layers.map((descriptor, at) => ({ descriptor, diffID: parseDiffID(rootfs.diff_ids[at] ?? "") }));
}

async function recordLayers(parts: LayerParts, layers: readonly Layer[]): Promise<void> {
  const diffIDs = layers.map((layer) => layer.diffID);
  for (const [at, { diffID, made }] of layers.entries()) {
    const chain = chainID(diffIDs.slice(0, at + 1));
    if (made === undefined || chain === undefined || parts.layers.get(chain) !== undefined) continue;
    const parent = chainID(diffIDs.slice(0, at));
    const { snapshot, contentBytes } = made;
    const { bytes } = await parts.snapshotter.usage(snapshot);
    const record = { chainID: chain, diffID, snapshot, size: bytes, contentSize: contentBytes };
    parts.layers.add({ ...record, ...(parent !== undefined && { parent }) });
  }
}

/** Stores a document and holds it by the lease. */
export async function putDocument(
  { images, lease }: Pick<LayerParts, "images" | "lease">,
  mediaType: string,
  document: object,
  options: CallOptions,
): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(document));
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  lease.add(`blob/${descriptor.digest}`);
  await images.push(descriptor, once(bytes), options);
  return descriptor;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
