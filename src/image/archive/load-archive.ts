import type { ByteStream, CallOptions } from "../../oci/call-options.ts";
import type { ContentStore } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { isIndexType } from "../../oci/media-types.ts";
import { hostPlatform, type Platform } from "../../oci/platform.ts";
import type { Lease, Leases } from "../../state/leases.ts";
import { copy } from "../copy.ts";
import type { ImageStore } from "../image-store.ts";
import { readArchiveEntries, type BlobTarget } from "./archive-entries.ts";
import { readArchive, type ArchivedImage } from "./read-archive.ts";

export interface LoadedImage {
  /** The image ID. */
  readonly id: Digest;
  /** Canonical; empty for an image without a name. */
  readonly references: readonly string[];
}

export interface LoadOptions extends CallOptions {
  readonly platform?: Platform;
  /** Takes the blobs whose digests the archive tells beforehand. Default: `content`. */
  readonly blobs?: BlobTarget;
  /** What is done with an image before it is recorded and named: when it throws, the names stay as they were. */
  readonly prepare?: (image: Descriptor, lease: Lease) => Promise<void>;
}

/**
 * Loads every image of an archive: what `docker save` of any age since 1.10, skopeo, BuildKit or {@link saveArchive}
 * wrote, plain or compressed. `content` is the store's own. Nothing is named before the whole archive was read; blobs
 * of a broken one are left to the collector. Throws `invalid_argument`, `data_loss`. Layers are unpacked by `prepare`.
 */
export async function loadArchive(
  stream: ByteStream,
  parts: { readonly content: ContentStore; readonly images: ImageStore; readonly leases: Leases },
  options: LoadOptions = {},
): Promise<LoadedImage[]> {
  using lease = parts.leases.create("load");
  const entries = await readArchiveEntries(stream, parts.content, lease, options);
  const loaded: LoadedImage[] = [];
  for (const image of await readArchive(entries, parts.content, lease)) {
    loaded.push(await record(image, parts.images, lease, options));
  }
  return loaded;
}

/** Copies the image to where its blobs are already: what is checked is that none is missing. */
async function record(
  { descriptor, references }: ArchivedImage,
  images: ImageStore,
  lease: Lease,
  options: LoadOptions,
): Promise<LoadedImage> {
  const isPart = isIndexType(descriptor.mediaType) && !(await images.exists(descriptor, options));
  const platform = options.platform ?? (isPart ? hostPlatform() : undefined);
  const { signal } = options;
  const copied = await copy(images, descriptor, images, undefined, { platform, signal });
  await options.prepare?.(copied, lease);
  const id = await images.put(copied, options);
  for (const reference of references) await images.tag(copied, reference, options);
  return { id, references };
}
