import { hasBlob } from "../content/has-blob.ts";
import { readBlob } from "../content/read-blob.ts";
import { isCode, SlipwayError } from "../errors.ts";
import type { ContentStore } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { chainID, parseDiffID, type Digest } from "../oci/digest.ts";
import { isIndexType, isManifestType, mediaTypes } from "../oci/media-types.ts";
import { parseImageConfig } from "../oci/parse-image-config.ts";
import { children } from "../oci/parse-manifest.ts";
import type { CompressedLayers } from "./compressed-layers.ts";
import type { ImageRecord, ImageRecords } from "./image-records.ts";
import type { LayerStore } from "./layer-store.ts";

/** What images need. */
export interface Marked {
  readonly blobs: Set<Digest>;
  readonly snapshots: Set<string>;
}

export interface MarkParts {
  readonly content: ContentStore;
  readonly records: Pick<ImageRecords, "list" | "tags">;
  readonly layers: LayerStore;
  readonly compressed: CompressedLayers;
}

/**
 * The blobs and snapshots that the recorded images need: what their manifests and tags lead to, compressed blobs of
 * their layers, and the snapshots of their stacks.
 */
export async function markImages(parts: MarkParts): Promise<Marked> {
  const marked: Marked = { blobs: new Set(), snapshots: new Set() };
  for (const image of parts.records.list()) {
    markLayers(parts, image, marked);
    marked.blobs.add(image.id);
    await markDocument(parts.content, image.manifest, marked.blobs);
  }
  for (const tag of parts.records.tags()) {
    await markDocument(parts.content, tag.target, marked.blobs);
    if (isIndexType(tag.target.mediaType)) await markIndexed(parts, tag.target, marked);
  }
  return marked;
}

/** An index of a build names images of several platforms, of which one only has a record: the layers of all stay. */
async function markIndexed(parts: MarkParts, index: Descriptor, marked: Marked): Promise<void> {
  const { content } = parts;
  if (!(await hasBlob(content, index.digest))) return;
  for (const manifest of await childrenOf(content, index)) {
    if (!isManifestType(manifest.mediaType) || !(await hasBlob(content, manifest.digest))) continue;
    const configs = (await childrenOf(content, manifest)).filter(({ mediaType }) => isConfigType(mediaType));
    for (const config of configs) await markConfig(parts, config, marked);
  }
}

async function markConfig(parts: MarkParts, desc: Descriptor, marked: Marked): Promise<void> {
  try {
    const config = (await readBlob(parts.content, desc)).toString();
    markLayers(parts, { config }, marked);
  } catch (error) {
    // What is damaged, missing or no image leads to no layer.
    if (!(error instanceof SlipwayError)) throw error;
  }
}

function isConfigType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociConfig || mediaType === mediaTypes.dockerConfig;
}

function markLayers(parts: MarkParts, image: Pick<ImageRecord, "config">, marked: Marked): void {
  const diffIDs = parseImageConfig(Buffer.from(image.config)).rootfs.diff_ids.map(parseDiffID);
  for (const [at, diffID] of diffIDs.entries()) {
    for (const blob of parts.compressed.blobsOf(diffID)) marked.blobs.add(blob.digest);
    const chain = chainID(diffIDs.slice(0, at + 1));
    const layer = chain === undefined ? undefined : parts.layers.get(chain);
    // A lazily packed layer is taken from any stack that ends in it, so that one stays as well.
    for (const found of [layer, parts.layers.byDiffID(diffID)]) {
      if (found !== undefined) marked.snapshots.add(found.snapshot);
    }
  }
}

/**
 * Marks `desc` and what it leads to, as far as it is stored. A damaged document leads nowhere: one bad blob must not keep
 * everything else from being collected, nor be collected itself.
 */
async function markDocument(content: ContentStore, desc: Descriptor, blobs: Set<Digest>): Promise<void> {
  if (blobs.has(desc.digest)) return;
  blobs.add(desc.digest);
  const isDocument = isManifestType(desc.mediaType) || isIndexType(desc.mediaType);
  if (!isDocument || !(await hasBlob(content, desc.digest))) return;
  for (const child of await childrenOf(content, desc)) await markDocument(content, child, blobs);
}

async function childrenOf(content: ContentStore, desc: Descriptor): Promise<readonly Descriptor[]> {
  try {
    return children(desc, await readBlob(content, desc));
  } catch (error) {
    if (isCode(error, "data_loss") || isCode(error, "invalid_argument")) return [];
    throw error;
  }
}
