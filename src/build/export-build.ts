import { SlipwayError } from "../errors.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { mediaTypes } from "../oci/media-types.ts";
import { selectManifest } from "../oci/platform-match.ts";
import { formatPlatform, hostPlatform, type Platform } from "../oci/platform.ts";
import type { BuildRequest, BuiltImage } from "./builder.ts";
import { builderArgs } from "./builder-args.ts";
import type { PlatformPlan } from "./build-run.ts";
import { exportImage, nameImage, type ExportedImage } from "./export-image.ts";
import type { Lease } from "../state/leases.ts";
import { attestImage } from "./attest/attest-image.ts";
import type { RootSource } from "./step-root.ts";
import { putDocument, type LayerParts } from "./image-layers.ts";
import type { Solved } from "./solving.ts";
import type { SquashParts } from "./squash-image.ts";
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

export interface ExportBuildParts extends SquashParts, Omit<RootSource, "epoch"> {
  /** ms since the epoch */
  readonly now: () => number;
  /** This program's. */
  readonly version: string;
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
  readonly dockerfile: { readonly name: string; readonly text: string };
  /** ms since the epoch */
  readonly startedAt: number;
}

/**
 * Makes the image of each platform, an index over them when several were asked for, and gives the result its names. A
 * build for one platform without anything else to tell is a plain manifest.
 */
export async function exportBuild(
  parts: ExportBuildParts,
  request: BuildRequest,
  solved: SolvedBuild,
): Promise<ExportedBuild> {
  const { plans, results, signal } = solved;
  if (request.squash === true && request.cacheTo?.some(({ type }) => type === "inline") === true)
    throw new SlipwayError(
      "invalid_argument",
      "A squashed image has no layers that an inline cache could name",
    );
  const exportParts = {
    ...parts,
    epoch: sourceDate(request),
    annotations: request.annotations,
    squash: request.squash === true ? parts : undefined,
  };
  const images: PlatformImage[] = [];
  for (const { plan } of plans) {
    const more = await solved.inline?.(plan);
    const image = await exportImage({ ...exportParts, more }, plan, results, { signal });
    const manifest = await compressed(parts, request, image.manifest, signal);
    images.push({ id: image.id, manifest, platform: platformOf(plan), plan });
  }
  const attested = await attestations(parts, request, images, solved);
  const isIndex =
    images.length > 1 ||
    attested.length > 0 ||
    hasEntries(request.indexAnnotations) ||
    hasEntries(request.descriptorAnnotations) ||
    builderArgs(request.buildArgs).isIndex;
  const [only] = images;
  const target =
    only !== undefined && !isIndex ? only.manifest : await putIndex(parts, images, attested, request, signal);
  const { id } = imageForThisMachine(images);
  // Its layers are snapshots and nothing else: they must outlive a power cut before anybody hears of the image.
  await parts.snapshotter.flush();
  const built = images.map((image) => builtImage(parts, image));
  await nameImage(parts.images, target, { id, tags: request.tags ?? [] }, { signal });
  if (request.keepsEach === true)
    for (const { manifest } of images) await parts.images.put(manifest, { signal });
  return { id, target, images: built };
}

/** What is said of an image names its manifest, so that one must not change any more when it is pushed. */
async function compressed(
  parts: ExportBuildParts,
  { compression, attestations: asked }: BuildRequest,
  manifest: Descriptor,
  signal: AbortSignal,
): Promise<Descriptor> {
  const wanted = compression ?? (asked === undefined ? undefined : "gzip");
  if (wanted === undefined || wanted === "uncompressed") return manifest;
  const { mediaType, digest, size } = await parts.compress(manifest, {
    compression: wanted,
    lease: parts.lease,
    signal,
  });
  return { mediaType, digest, size };
}

async function attestations(
  parts: ExportBuildParts,
  request: BuildRequest,
  images: readonly PlatformImage[],
  { results, dockerfile, startedAt, signal }: SolvedBuild,
): Promise<Descriptor[]> {
  const { attestations: asked } = request;
  if (asked === undefined) return [];
  const epoch = sourceDate(request);
  const times =
    epoch === undefined
      ? { startedAt, finishedAt: parts.now() }
      : { startedAt: epoch * 1000, finishedAt: epoch * 1000 };
  const entries: Descriptor[] = [];
  for (const { manifest, platform, plan } of images) {
    const snapshot = plan.target === undefined ? undefined : results.get(plan.target.digest)?.snapshot;
    const facts = { request, platform, vertices: plan.vertices, dockerfile, ...times };
    entries.push(
      await attestImage(parts, { manifest, snapshot, facts, version: parts.version }, asked, { signal }),
    );
  }
  return entries;
}

function builtImage({ images }: LayerParts, { id, platform }: PlatformImage): BuiltImage {
  return { platform: formatPlatform(platform), id, isNew: images.records.get(id) === undefined };
}

interface PlatformImage extends ExportedImage {
  readonly platform: Platform;
  readonly plan: BuildPlan;
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
  attested: readonly Descriptor[],
  { indexAnnotations: annotations, descriptorAnnotations: own }: BuildRequest,
  signal: AbortSignal,
): Promise<Descriptor> {
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [
      ...images.map(({ manifest, platform }) => ({
        ...manifest,
        platform,
        ...(hasEntries(own) && { annotations: own }),
      })),
      ...attested,
    ],
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
