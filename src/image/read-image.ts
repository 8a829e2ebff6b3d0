import { hasBlob } from "../content/has-blob.ts";
import { readBlob } from "../content/read-blob.ts";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { ContentStore } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import type { Manifest } from "../oci/manifest.ts";
import { isIndexType } from "../oci/media-types.ts";
import { parseImageConfig } from "../oci/parse-image-config.ts";
import { parseIndex, parseManifest } from "../oci/parse-manifest.ts";
import { selectManifest } from "../oci/platform-match.ts";
import { hostPlatform } from "../oci/platform.ts";

/** A manifest and its config, read and checked against each other. */
export interface ReadImage {
  readonly manifestDescriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  /** The config blob as stored. */
  readonly configText: string;
}

/**
 * Reads the image of a stored manifest; of an index, the one for this machine, or else the first that is stored.
 * Throws `not_found`, `data_loss`, and `invalid_argument` when manifest and config do not belong together.
 */
export async function readImage(
  content: ContentStore,
  desc: Descriptor,
  options?: CallOptions,
): Promise<ReadImage> {
  const bytes = await readBlob(content, desc, { signal: options?.signal });
  if (isIndexType(desc.mediaType))
    return await readImage(content, await storedManifest(content, desc, bytes));
  const manifest = parseManifest(bytes);
  const configBytes = await readBlob(content, manifest.config, { signal: options?.signal });
  const config = parseImageConfig(configBytes);
  const layers = manifest.layers.length;
  const diffIDs = config.rootfs.diff_ids.length;
  if (layers !== diffIDs) {
    const what = `Invalid image "${desc.digest}": ${layers} layers in its manifest, ${diffIDs} in its config`;
    throw new SlipwayError("invalid_argument", what);
  }
  const { mediaType, digest, size } = desc;
  return {
    manifestDescriptor: { mediaType, digest, size },
    manifest,
    config,
    configText: Buffer.from(configBytes).toString(),
  };
}

async function storedManifest(
  content: ContentStore,
  index: Descriptor,
  bytes: Uint8Array,
): Promise<Descriptor> {
  const stored: Descriptor[] = [];
  for (const entry of parseIndex(bytes).manifests) {
    if (await hasBlob(content, entry.digest)) stored.push(entry);
  }
  const chosen = selectManifest(stored, hostPlatform()) ?? stored[0];
  if (chosen === undefined) {
    throw new SlipwayError("not_found", `No image of index "${index.digest}" is stored`);
  }
  return chosen;
}
