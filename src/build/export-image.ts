import type { ImageStore } from "../image/image-store.ts";
import type { LayerStore } from "../image/layer-store.ts";
import { readBlob } from "../content/read-blob.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { chainID, digestOf, parseDiffID, type DiffID, type Digest } from "../oci/digest.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import { mediaTypes } from "../oci/media-types.ts";
import { parseManifest } from "../oci/parse-manifest.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Lease } from "../state/leases.ts";
import { withTime, withTimes } from "./image-history.ts";
import type { LayerHashes } from "./layer-hashes.ts";
import type { Solved } from "./solver.ts";
import type { BuildPlan, Vertex } from "./vertex.ts";

export interface ExportParts {
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly snapshotter: Snapshotter;
  readonly hashes: LayerHashes;
  readonly lease: Lease;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Seconds: the time of everything this build adds. */
  readonly epoch?: number | undefined;
}

/** One layer of the image: what the manifest says of it, its diffID, and the snapshot that holds it. */
interface Layer {
  readonly descriptor: Descriptor;
  readonly diffID: DiffID;
  /** Undefined for a layer of the base. */
  readonly snapshot?: string;
}

/**
 * Makes the image of a solved plan: config and manifest. Layers stay in their snapshots; blobs are packed when
 * somebody reads them. The base's layers keep the descriptors they came with. Returns image ID and manifest digest.
 */
export async function exportImage(
  parts: ExportParts,
  plan: BuildPlan,
  results: ReadonlyMap<Digest, Solved>,
  tags: readonly string[],
  options: CallOptions,
): Promise<{ id: Digest; manifest: Digest }> {
  const chain = stepsOf(plan.target);
  const base = chain[0]?.op.kind === "image" ? chain[0] : undefined;
  const own = await Promise.all(
    chain.filter((vertex) => vertex !== base).map((vertex) => ownLayer(parts, results, vertex, options)),
  );
  const layers = [...(await baseLayers(parts, base, options)), ...own];
  await recordLayers(parts, layers);
  const config = await putJSON(
    parts,
    mediaTypes.ociConfig,
    imageConfig(plan, results, layers, parts.epoch),
    options,
  );
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config,
    layers: layers.map((layer) => layer.descriptor),
    ...(hasEntries(parts.annotations) && { annotations: parts.annotations }),
  };
  const manifest = await putJSON(parts, mediaTypes.ociManifest, document, options);
  await nameImage(parts.images, manifest, config.digest, tags, options);
  return { id: config.digest, manifest: manifest.digest };
}

function hasEntries(annotations: ExportParts["annotations"]): boolean {
  return annotations !== undefined && Object.keys(annotations).length > 0;
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

async function ownLayer(
  parts: ExportParts,
  results: ReadonlyMap<Digest, Solved>,
  vertex: Vertex,
  options: CallOptions,
): Promise<Layer> {
  const snapshot = results.get(vertex.digest)?.snapshot;
  if (snapshot === undefined) throw new Error(`No result for ${vertex.name}`);
  const { diffID, size } = await parts.hashes.of(snapshot, options);
  const digest = diffID as unknown as Digest;
  return { descriptor: { mediaType: mediaTypes.ociLayer, digest, size }, diffID, snapshot };
}

async function baseLayers(
  parts: ExportParts,
  base: Vertex | undefined,
  options: CallOptions,
): Promise<Layer[]> {
  if (base?.op.kind !== "image") return [];
  const { imageID, diffIDs } = base.op;
  const record = parts.images.get(imageID);
  parts.lease.add(`blob/${record.manifest.digest}`);
  const { layers } = parseManifest(await readBlob(parts.images, record.manifest, options));
  return layers.map((descriptor, at) => ({ descriptor, diffID: parseDiffID(diffIDs[at] ?? "") }));
}

/** Every new stack of layers is known by its ChainID from now on, so that a pull of it takes nothing. */
async function recordLayers(parts: ExportParts, layers: readonly Layer[]): Promise<void> {
  const diffIDs = layers.map((layer) => layer.diffID);
  for (const [at, { diffID, snapshot }] of layers.entries()) {
    const chain = chainID(diffIDs.slice(0, at + 1));
    if (snapshot === undefined || chain === undefined || parts.layers.get(chain) !== undefined) continue;
    const parent = chainID(diffIDs.slice(0, at));
    const { bytes, contentBytes } = await parts.snapshotter.usage(snapshot);
    const record = { chainID: chain, diffID, snapshot, size: bytes, contentSize: contentBytes };
    parts.layers.add({ ...record, ...(parent !== undefined && { parent }) });
  }
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

async function putJSON(
  parts: ExportParts,
  mediaType: string,
  document: object,
  options: CallOptions,
): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(document));
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  parts.lease.add(`blob/${descriptor.digest}`);
  await parts.images.push(descriptor, once(bytes), options);
  return descriptor;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/** Writes nothing for a name that stands already. */
async function nameImage(
  images: ImageStore,
  manifest: Descriptor,
  id: Digest,
  tags: readonly string[],
  options: CallOptions,
): Promise<void> {
  if (tags.length === 0 && images.records.get(id) === undefined) await images.put(manifest, options);
  for (const tag of tags) {
    const there = await images.resolve(tag).catch(() => undefined);
    if (there?.digest !== manifest.digest || images.records.get(id) === undefined)
      await images.tag(manifest, tag, options);
  }
}
