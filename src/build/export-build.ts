import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { mediaTypes } from "../oci/media-types.ts";
import { selectManifest } from "../oci/platform-match.ts";
import { formatPlatform, hostPlatform, type Platform } from "../oci/platform.ts";
import type { BuildRequest, BuiltImage } from "./builder.ts";
import type { PlatformPlan } from "./build-run.ts";
import { exportImage, nameImage, type ExportedImage } from "./export-image.ts";
import type { Lease } from "../state/leases.ts";
import { putDocument, type LayerParts } from "./image-layers.ts";
import type { Solved } from "./solver.ts";
import { sourceDate } from "./source-date.ts";
import type { BuildPlan } from "./vertex.ts";

/** What a build made. */
export interface ExportedBuild {
  /** The image for this machine, or else the first. */
  readonly id: Digest;
  /** What the tags name: a manifest, or an index over several. */
  readonly target: Descriptor;
  readonly images: readonly BuiltImage[];
}

export interface ExportBuildParts extends LayerParts {
  /** Compresses the layers of a manifest or index: the one with those in their place. */
  readonly compress: (
    target: Descriptor,
    options: { readonly compression: "gzip" | "zstd"; readonly lease: Lease; readonly signal: AbortSignal },
  ) => Promise<Descriptor>;
}

interface SolvedBuild {
  readonly plans: readonly PlatformPlan[];
  readonly results: ReadonlyMap<Digest, Solved>;
  readonly signal: AbortSignal;
  /** What an image's config says of the cache (`--cache-to type=inline`). */
  readonly inline?: (plan: BuildPlan) => Promise<Readonly<Record<string, unknown>>>;
}

/**
 * Makes the image of each platform, an index over them when several were asked for, and gives the result its names. A
 * build for one platform without anything else to tell is a plain manifest.
 */
export async function exportBuild(
  parts: ExportBuildParts,
  request: BuildRequest,
  { plans, results, signal, inline }: SolvedBuild,
): Promise<ExportedBuild> {
  const exportParts = { ...parts, epoch: sourceDate(request), annotations: request.annotations };
  const images: PlatformImage[] = [];
  for (const { plan } of plans) {
    const more = await inline?.(plan);
    const image = await exportImage({ ...exportParts, more }, plan, results, { signal });
    images.push({ ...image, platform: platformOf(plan) });
  }
  const isIndex = images.length > 1 || hasEntries(request.indexAnnotations);
  const [only] = images;
  const plain =
    only !== undefined && !isIndex ? only.manifest : await putIndex(parts, images, request, signal);
  const { compression } = request;
  const { lease } = parts;
  const target =
    compression === undefined ? plain : await parts.compress(plain, { compression, lease, signal });
  const { id } = imageForThisMachine(images);
  // Its layers are snapshots and nothing else: they must outlive a power cut before anybody hears of the image.
  await parts.snapshotter.flush();
  const built = images.map((image) => builtImage(parts, image));
  await nameImage(parts.images, target, { id, tags: request.tags ?? [] }, { signal });
  if (request.keepsEach === true)
    for (const { manifest } of images) await parts.images.put(manifest, { signal });
  return { id, target, images: built };
}

function builtImage({ images }: LayerParts, { id, platform }: PlatformImage): BuiltImage {
  return { platform: formatPlatform(platform), id, isNew: images.records.get(id) === undefined };
}

interface PlatformImage extends ExportedImage {
  readonly platform: Platform;
}

/** What the image's own config says. */
function platformOf({ config }: BuildPlan): Platform {
  const { os, architecture, variant } = config;
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

function hasEntries(record: Readonly<Record<string, string>> | undefined): boolean {
  return record !== undefined && Object.keys(record).length > 0;
}

async function putIndex(
  parts: LayerParts,
  images: readonly PlatformImage[],
  { indexAnnotations: annotations }: BuildRequest,
  signal: AbortSignal,
): Promise<Descriptor> {
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: images.map(({ manifest, platform }) => ({ ...manifest, platform })),
    ...(hasEntries(annotations) && { annotations }),
  };
  return await putDocument(parts, mediaTypes.ociIndex, document, { signal });
}

function imageForThisMachine(images: readonly PlatformImage[]): PlatformImage {
  const descriptors = images.map(({ manifest, platform }) => ({ ...manifest, platform }));
  const chosen = selectManifest(descriptors, hostPlatform());
  const image = images.find(({ manifest }) => manifest.digest === chosen?.digest) ?? images[0];
  if (image === undefined) throw new Error("A build made no image");
  return image;
}
