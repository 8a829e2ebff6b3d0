import { hasBlob } from "../../content/has-blob.ts";
import { readBlob } from "../../content/read-blob.ts";
import { isCode } from "../../errors.ts";
import type { ImageRecord } from "../../image/image-records.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { chainID, parseDiffID } from "../../oci/digest.ts";
import type { ImageConfig } from "../../oci/image-config.ts";
import { isIndexType } from "../../oci/media-types.ts";
import { parseImageConfig } from "../../oci/parse-image-config.ts";
import { parseIndex, parseManifest } from "../../oci/parse-manifest.ts";
import { formatPlatform } from "../../oci/platform.ts";
import { familiarString, parseReference } from "../../oci/reference.ts";
import type { StoreParts } from "../store-parts.ts";
import type { ImagePlatform, ImageTree } from "../types/image-layers.ts";

/** Every image with its platforms: those of the index that a tag names, or its own. Newest first, as they came. */
export async function imageTrees(parts: StoreParts, options: CallOptions = {}): Promise<ImageTree[]> {
  const trees: ImageTree[] = [];
  for (const image of parts.stores.images.records.list()) {
    options.signal?.throwIfAborted();
    trees.push(await imageTree(parts, image));
  }
  return trees;
}

async function imageTree(parts: StoreParts, image: ImageRecord): Promise<ImageTree> {
  const { stores, host } = parts;
  const tags = stores.images.records.tagsOf(image.id);
  const index = tags.map(({ target }) => target).find(({ mediaType }) => isIndexType(mediaType));
  const platforms: ImagePlatform[] = [];
  for (const desc of await manifestsOf(parts, index, image))
    platforms.push(await platformOf(parts, desc, image));
  const sum = (field: "DiskUsage" | "ContentSize") =>
    platforms.reduce((total, platform) => total + platform[field], 0);
  return {
    Id: image.id,
    Names: tags.map(({ reference }) => familiarString(parseReference(reference))),
    DiskUsage: sum("DiskUsage"),
    ContentSize: sum("ContentSize"),
    Containers: host.store.all().flatMap((record) => (record.image === image.id ? [record.name] : [])),
    Platforms: platforms,
  };
}

/** What an index lists for platforms; it may also list attestations, which are for none. */
async function manifestsOf(
  { stores }: StoreParts,
  index: Descriptor | undefined,
  image: ImageRecord,
): Promise<readonly Descriptor[]> {
  const bytes = index === undefined ? undefined : await readIfThere(stores.content, index);
  if (bytes === undefined) return [image.manifest];
  return parseIndex(bytes).manifests.filter(({ platform }) => platform?.os !== "unknown");
}

async function platformOf(parts: StoreParts, desc: Descriptor, image: ImageRecord): Promise<ImagePlatform> {
  const { content } = parts.stores;
  const named = desc.platform === undefined ? undefined : formatPlatform(desc.platform);
  const bytes = await readIfThere(content, desc);
  const manifest = bytes === undefined ? undefined : parseManifest(bytes);
  const document = manifest === undefined ? undefined : await readIfThere(content, manifest.config);
  const own = desc.digest === image.manifest.digest ? parseImageConfig(Buffer.from(image.config)) : undefined;
  const config = document === undefined ? own : parseImageConfig(document);
  let stored = bytes === undefined ? 0 : desc.size;
  for (const blob of manifest === undefined ? [] : [manifest.config, ...manifest.layers]) {
    if (await hasBlob(content, blob.digest)) stored += blob.size;
  }
  return {
    Platform: named ?? (config === undefined ? "" : formatPlatform(config)),
    Digest: desc.digest,
    Available: config !== undefined,
    DiskUsage: stored + (config === undefined ? 0 : unpackedSize(parts, config)),
    ContentSize: stored,
  };
}

function unpackedSize({ stores }: StoreParts, config: ImageConfig): number {
  const diffIDs = config.rootfs.diff_ids.map(parseDiffID);
  return diffIDs.reduce((total, _, at) => {
    const chain = chainID(diffIDs.slice(0, at + 1));
    return total + (chain === undefined ? 0 : (stores.layers.get(chain)?.size ?? 0));
  }, 0);
}

/** A document that is missing or damaged is one that is not available. */
async function readIfThere(
  content: StoreParts["stores"]["content"],
  desc: Descriptor,
): Promise<Uint8Array | undefined> {
  try {
    return await readBlob(content, desc);
  } catch (error) {
    if (isCode(error, "not_found") || isCode(error, "data_loss")) return undefined;
    throw error;
  }
}
