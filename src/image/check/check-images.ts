import { hasBlob } from "../../content/has-blob.ts";
import { readBlob } from "../../content/read-blob.ts";
import { once, writeBlob } from "../../content/write-blob.ts";
import { errorMessage } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { chainID, digestOf, parseDiffID, type Digest } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { parseImageConfig } from "../../oci/parse-image-config.ts";
import { parseManifest } from "../../oci/parse-manifest.ts";
import { familiarString, parseReference } from "../../oci/reference.ts";
import { imageLabel } from "../image-label.ts";
import type { ImageRecord } from "../image-records.ts";
import type { CheckParts } from "./check-parts.ts";
import { packedIdentity, storedLayer } from "./layer-source.ts";
import type { Problem } from "./problem.ts";

/** Every image: its config, its manifest, its layers as the manifest names them, what its tags name. */
export async function* checkImages(parts: CheckParts, options: CallOptions = {}): AsyncGenerator<Problem> {
  for (const image of parts.images.records.list()) {
    options.signal?.throwIfAborted();
    yield* checkConfig(parts, image);
    const lost = await lostOf(parts, image);
    if (lost !== undefined) yield await withoutBlob(parts, image, lost, options);
    yield* checkTags(parts, image);
  }
}

/** The record has the config's text as well. */
async function* checkConfig({ content, images }: CheckParts, image: ImageRecord): AsyncGenerator<Problem> {
  if (await hasBlob(content, image.id)) return;
  const bytes = Buffer.from(image.config);
  const what = `${named(images, image)}: its config is missing`;
  if (digestOf(bytes) !== image.id) yield { kind: "image", what, advice: "pull or build it again" };
  else {
    const desc = { mediaType: mediaTypes.ociConfig, digest: image.id, size: bytes.length };
    const run = () => images.push(desc, once(bytes));
    yield { kind: "image", what, repair: { how: "write it from the image's record", run } };
  }
}

/** `Image "app:1" (0123456789ab)` */
function named({ records }: CheckParts["images"], image: ImageRecord): string {
  const [label, id] = [imageLabel(records, image), image.id.slice(7, 19)];
  return label === id ? `Image "${id}"` : `Image "${label}" (${id})`;
}

/** What of the manifest and its layers is neither stored nor can be made. */
async function lostOf({ content, images }: CheckParts, image: ImageRecord): Promise<string | undefined> {
  if (!(await hasBlob(content, image.manifest.digest))) return `manifest "${image.manifest.digest}"`;
  try {
    const manifest = parseManifest(await readBlob(content, image.manifest));
    for (const layer of manifest.layers) if (!(await images.exists(layer))) return `layer "${layer.digest}"`;
    return undefined;
  } catch (error) {
    return `manifest "${image.manifest.digest}" (${errorMessage(error)})`;
  }
}

async function withoutBlob(
  parts: CheckParts,
  image: ImageRecord,
  lost: string,
  options: CallOptions,
): Promise<Problem> {
  const problem: Problem = { kind: "image", what: `${named(parts.images, image)}: its ${lost} is missing` };
  const layers = await layersOf(parts, image, options);
  if (layers === undefined) return { ...problem, advice: "pull or build it again" };
  const how = "write a manifest that names the layers as they are here";
  return { ...problem, repair: { how, run: () => writeManifest(parts, image, layers) } };
}

/** The image's layers as they can be had here: stored, or made again from the files; undefined when one cannot. */
async function layersOf(
  parts: CheckParts,
  image: ImageRecord,
  options: CallOptions,
): Promise<Descriptor[] | undefined> {
  const found: Descriptor[] = [];
  const diffIDs = parseImageConfig(Buffer.from(image.config)).rootfs.diff_ids.map(parseDiffID);
  for (const [at, diffID] of diffIDs.entries()) {
    const stored = await storedLayer(parts, diffID);
    if (stored !== undefined) {
      found.push(stored);
      continue;
    }
    const chain = chainID(diffIDs.slice(0, at + 1));
    const layer = (chain && parts.layers.get(chain)) ?? parts.layers.byDiffID(diffID);
    if (layer === undefined || parts.snapshotter.isGone(layer.snapshot)) return undefined;
    const packed = await packedIdentity(parts, layer.snapshot, options);
    if (packed.diffID !== diffID) return undefined;
    found.push({ mediaType: mediaTypes.ociLayer, digest: diffID as unknown as Digest, size: packed.size });
  }
  return found;
}

/** The image keeps its ID: that is its config's. */
async function writeManifest(
  { content, images, leases }: CheckParts,
  image: ImageRecord,
  layers: readonly Descriptor[],
): Promise<void> {
  const size = Buffer.byteLength(image.config);
  const config = { mediaType: mediaTypes.ociConfig, digest: image.id, size };
  const document = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers };
  const bytes = Buffer.from(JSON.stringify(document));
  const desc = { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length };
  using lease = leases.create("repair");
  lease.add(`blob/${desc.digest}`);
  await writeBlob(content, desc, once(bytes));
  images.setManifest(image.id, desc);
}

/** A tag may name an index that leads to the image: what is left without it is the image. */
async function* checkTags({ content, images }: CheckParts, image: ImageRecord): AsyncGenerator<Problem> {
  for (const tag of images.records.tagsOf(image.id)) {
    if (tag.target.digest === image.manifest.digest || (await hasBlob(content, tag.target.digest))) continue;
    const name = familiarString(parseReference(tag.reference));
    const what = `Tag "${name}" names "${tag.target.digest}", which is missing`;
    const run = () => images.tag(images.get(image.id).manifest, tag.reference);
    yield { kind: "image", what, repair: { how: `let it name the image "${image.id}"`, run } };
  }
}
