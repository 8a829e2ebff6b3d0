import { hasBlob } from "../../content/has-blob.ts";
import { EarlyLayers } from "../../image/archive/early-layers.ts";
import { loadArchive } from "../../image/archive/load-archive.ts";
import { choosePlatform } from "../../image/choose-platform.ts";
import { saveArchive, type SavedImage } from "../../image/archive/save-archive.ts";
import { readImage } from "../../image/read-image.ts";
import { SlipwayError } from "../../errors.ts";
import type { ByteStream, CallOptions } from "../../oci/call-options.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Source } from "../../oci/target.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { layerCompression } from "../../oci/media-types.ts";
import { parsePlatform } from "../../oci/platform.ts";
import { canonicalString, familiarString, parseReference, withDefaultTag } from "../../oci/reference.ts";
import type { Lease } from "../../state/leases.ts";
import { checkPlatform } from "../containers/create/check-platform.ts";
import type { SaveOptions } from "../engine.ts";
import type { TransferProgress } from "../types/image.ts";
import type { ImageHost } from "./image-host.ts";
import { savedAs, savedBy } from "./saved-names.ts";

/**
 * The archive of the named images, made while it is read. A name by ID is saved without a tag, as in Docker. What it is
 * made of is verified before, so that a damaged blob is told and not half an archive sent: throws `data_loss`. With
 * `platform` the image for it alone is saved; throws `not_found` where there is none.
 */
export async function saveImages(
  host: ImageHost,
  names: readonly string[],
  { signal, platform, references: given }: CallOptions & SaveOptions,
): Promise<ByteStream> {
  if (given !== undefined && names.length !== 1)
    throw new SlipwayError("invalid_argument", "Names in the archive are given for one image only");
  const named = names.flatMap((name) =>
    given === undefined ? savedBy(host, name) : { ...savedAs(host, name), references: given.map(inArchive) },
  );
  const images: SavedImage[] = [];
  for (const { descriptor, references } of named)
    images.push({ descriptor: await platformOf(host, descriptor, platform, signal), references });
  const verified = new Set<Digest>();
  for (const { descriptor } of images) await verifyImage(host, descriptor, verified, signal);
  const { images: source } = host;
  const once: Source = {
    resolve: (ref, options) => source.resolve(ref, options),
    exists: (desc, options) => source.exists(desc, options),
    fetch: (desc, options) => source.fetch(desc, { ...options, isVerified: verified.has(desc.digest) }),
  };
  return saveArchive(once, images, { signal });
}

async function platformOf(
  { content }: ImageHost,
  descriptor: Descriptor,
  platform: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Descriptor> {
  if (platform === undefined) return descriptor;
  const chosen = await choosePlatform(content, descriptor, parsePlatform(platform), { signal });
  const { config } = await readImage(content, chosen, { signal });
  checkPlatform(chosen.digest, config, platform);
  return chosen;
}

function inArchive(name: string): string {
  return canonicalString(withDefaultTag(parseReference(name)));
}

/** Adds the layers that were read to `verified`. */
async function verifyImage(
  host: ImageHost,
  image: Descriptor,
  verified: Set<Digest>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { manifest } = await readImage(host.content, image, { signal });
  for (const layer of manifest.layers) {
    // A blob that was given up comes back before anything is sent: it may have to be fetched.
    const isPacked = layerCompression(layer.mediaType) === "none";
    if (!isPacked) await host.images.receive(layer, host.images, { signal });
    if (!(await hasBlob(host.content, layer.digest))) {
      // A layer that is packed while it is read is verified by that; that its files are there is known at once.
      await (await host.images.fetch(layer, { signal }))[Symbol.asyncDispose]();
      continue;
    }
    await using reader = await host.content.fetch(layer, { signal });
    for await (const _chunk of reader) signal?.throwIfAborted();
    verified.add(layer.digest);
  }
}

/** Loads and unpacks every image of the archive; tells Docker's line for each. */
export async function loadImages(
  host: ImageHost,
  archive: ByteStream,
  { signal, platform }: CallOptions & { platform?: string },
  report: (line: TransferProgress & { stream?: string }) => void,
): Promise<void> {
  using held = host.leases.create("load-ahead");
  await using early = new EarlyLayers(host, held, { signal });
  const prepare = async (image: Descriptor, lease: Lease): Promise<void> => {
    const { manifest, config } = await readImage(host.content, image, { signal });
    if (platform !== undefined) checkPlatform(image.digest, config, platform);
    await host.unpacker.unpack(manifest, config, host.images, { signal, lease, ahead: early });
  };
  const options = {
    signal,
    prepare,
    blobs: early,
    ...(platform !== undefined && { platform: parsePlatform(platform) }),
  };
  for (const { id, references } of await loadArchive(archive, host, options)) {
    const names = references.map((reference) => familiarString(parseReference(reference)));
    for (const name of names) report({ stream: `Loaded image: ${name}\n` });
    if (names.length === 0) report({ stream: `Loaded image ID: ${id}\n` });
    host.events.publish("image", "load", id, { name: names[0] ?? id });
  }
}
