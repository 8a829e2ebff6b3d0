import { createHash } from "node:crypto";
import { readBlob } from "../../content/read-blob.ts";
import { verified } from "../../content/verify.ts";
import { SlipwayError } from "../../errors.ts";
import { decompress } from "../../layer/decompress.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isIndexType, layerCompression } from "../../oci/media-types.ts";
import { parseImageConfig } from "../../oci/parse-image-config.ts";
import { parseIndex, parseManifest } from "../../oci/parse-manifest.ts";
import type { Source } from "../../oci/target.ts";

/**
 * Reads every byte of what `ref` (or the descriptor) names and checks every size, digest and diffID. Throws
 * `data_loss` or `invalid_argument` with the first that is wrong. Returns how many blobs it read.
 */
export async function validateImage(source: Source, ref: string | Descriptor): Promise<number> {
  const desc = typeof ref === "string" ? await source.resolve(ref) : ref;
  const bytes = await readBlob(source, desc);
  if (isIndexType(desc.mediaType)) {
    let blobs = 1;
    for (const entry of parseIndex(bytes).manifests) blobs += await validateImage(source, entry);
    return blobs;
  }
  const manifest = parseManifest(bytes);
  const config = parseImageConfig(await readBlob(source, manifest.config));
  if (config.rootfs.diff_ids.length !== manifest.layers.length) {
    throw new SlipwayError("invalid_argument", `Image "${desc.digest}" has as many layers as diffIDs`);
  }
  for (const [at, layer] of manifest.layers.entries()) {
    await validateLayer(source, layer, config.rootfs.diff_ids[at] ?? "");
  }
  return 2 + manifest.layers.length;
}

async function validateLayer(source: Source, layer: Descriptor, diffID: string): Promise<void> {
  if (layerCompression(layer.mediaType) === undefined) {
    throw new SlipwayError("invalid_argument", `Layer "${layer.digest}" has type "${layer.mediaType}"`);
  }
  await using reader = await source.fetch(layer);
  const hash = createHash("sha256");
  for await (const chunk of decompress(verified(reader, layer))) hash.update(chunk);
  const got = `sha256:${hash.digest("hex")}`;
  if (got === diffID) return;
  throw new SlipwayError(
    "data_loss",
    `Layer "${layer.digest}" has diffID "${got}", its config says "${diffID}"`,
  );
}
