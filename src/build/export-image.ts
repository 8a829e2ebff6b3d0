import type { ImageStore } from "../image/image-store.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import { mediaTypes } from "../oci/media-types.ts";
import { imageLayers, putDocument, type Layer, type LayerParts } from "./image-layers.ts";
import { withTime, withTimes } from "./image-history.ts";
import { parseManifest } from "../oci/parse-manifest.ts";
import { readBlob } from "../content/read-blob.ts";
import { squashImage, type SquashParts, type UnstoredImage } from "./squash-image.ts";
import type { Solved } from "./solving.ts";
import type { BuildPlan, Vertex } from "./vertex.ts";

export interface ExportParts extends LayerParts {
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Seconds: the time of everything this build adds. */
  readonly epoch?: number | undefined;
  /** Given: the layers that the build made become one. */
  readonly squash?: Pick<SquashParts, "differ" | "unpacker"> | undefined;
  /** Further members of the config. */
  readonly more?: Readonly<Record<string, unknown>> | undefined;
}

/** An image in the store: its ID and its manifest. */
export interface ExportedImage {
  readonly id: Digest;
  readonly manifest: Descriptor;
}

/**
 * Makes the image of a solved plan: config and manifest. Layers stay in their snapshots; blobs are packed when
 * somebody reads them. The base's layers keep the descriptors they came with. It has no name and no record yet.
 */
export async function exportImage(
  parts: ExportParts,
  plan: BuildPlan,
  results: ReadonlyMap<Digest, Solved>,
  options: CallOptions,
): Promise<ExportedImage> {
  const chain = stepsOf(plan.target);
  const base = baseOf(chain);
  const own = chain.filter(({ op }) => op.kind !== "image").map((vertex) => snapshotOf(vertex, results));
  const layers = await imageLayers(parts, base, own, options);
  const config = { ...imageConfig(plan, results, layers, parts.epoch), ...parts.more };
  if (parts.squash === undefined) return await putImage(parts, layers, config, options);
  return await putSquashed(parts, parts.squash, { base, image: { layers, config } }, options);
}

/** The layer of a squashed image is unpacked at once: the image is to be used like any other. */
async function putSquashed(
  parts: ExportParts,
  squash: Pick<SquashParts, "differ" | "unpacker">,
  { base, image }: { readonly base: Descriptor | undefined; readonly image: UnstoredImage },
  options: CallOptions,
): Promise<ExportedImage> {
  const { layers, config } = await squashImage({ ...parts, ...squash }, base, image, options);
  const stored = await putImage(parts, layers, config, options);
  const manifest = parseManifest(await readBlob(parts.images, stored.manifest, options));
  await squash.unpacker.unpack(manifest, config, parts.images, { ...options, lease: parts.lease });
  return stored;
}

/** Stores config and manifest over layers. */
export async function putImage(
  parts: Pick<ExportParts, "images" | "lease" | "annotations">,
  layers: readonly Layer[],
  imageConfiguration: ImageConfig,
  options: CallOptions,
): Promise<ExportedImage> {
  const { annotations = {} } = parts;
  const config = await putDocument(parts, mediaTypes.ociConfig, imageConfiguration, options);
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config,
    layers: layers.map((layer) => layer.descriptor),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  return { id: config.digest, manifest: await putDocument(parts, mediaTypes.ociManifest, document, options) };
}

/** The vertices whose layers make up the target, bottom first. */
export function stepsOf(target: Vertex | undefined): Vertex[] {
  const chain: Vertex[] = [];
  for (let at = target; at !== undefined;) {
    chain.unshift(at);
    const base: number | undefined = "base" in at.op ? at.op.base : undefined;
    at = base === undefined ? undefined : at.inputs[base];
  }
  return chain;
}

/** The manifest of the image that a chain of steps stands on. */
export function baseOf([first]: readonly Vertex[]): Descriptor | undefined {
  return first?.op.kind === "image" ? first.op.manifest : undefined;
}

function snapshotOf(vertex: Vertex, results: ReadonlyMap<Digest, Solved>): string {
  const snapshot = results.get(vertex.digest)?.snapshot;
  if (snapshot === undefined) throw new Error(`No result for ${vertex.name}`);
  return snapshot;
}

function imageConfig(
  plan: BuildPlan,
  results: ReadonlyMap<Digest, Solved>,
  layers: readonly Layer[],
  epoch: number | undefined,
): ImageConfig {
  const times = plan.layerVertices.map((vertex) =>
    vertex === undefined ? undefined : results.get(vertex.digest)?.createdAt,
  );
  const history = epoch === undefined ? withTimes(plan.history, times) : withTime(plan.history, epoch);
  const created = history.at(-1)?.created;
  return {
    ...plan.config,
    ...(created !== undefined && { created }),
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffID) },
    ...(history.length > 0 && { history }),
  };
}

/** Records an image under its names, or without one. Writes nothing for a name that stands already. */
export async function nameImage(
  images: ImageStore,
  target: Descriptor,
  { id, tags }: { readonly id: Digest; readonly tags: readonly string[] },
  options: CallOptions,
): Promise<void> {
  if (tags.length === 0 && images.records.get(id) === undefined) await images.put(target, options);
  for (const tag of tags) {
    const there = await images.resolve(tag).catch(() => undefined);
    if (there?.digest !== target.digest || images.records.get(id) === undefined)
      await images.tag(target, tag, options);
  }
}
