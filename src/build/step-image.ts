import type { CallOptions } from "../oci/call-options.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import { parseImageConfig } from "../oci/parse-image-config.ts";
import { hostPlatform, type Platform } from "../oci/platform.ts";
import { parseManifest } from "../oci/parse-manifest.ts";
import { readBlob } from "../content/read-blob.ts";
import { putImage, type ExportedImage } from "./export-image.ts";
import { imageLayers, type LayerParts } from "./image-layers.ts";
import type { StepPlace } from "./record/step-place.ts";

/**
 * An image of the filesystem at a step: what a shell there starts from. Recorded without a name. The same place gives the
 * same image. Throws `not_found` when the base is gone.
 */
export async function stepImage(
  parts: LayerParts,
  place: Pick<StepPlace, "base" | "snapshots" | "env" | "cwd" | "user">,
  options: CallOptions,
): Promise<ExportedImage> {
  const layers = await imageLayers(parts, place.base, place.snapshots, options);
  const { os, architecture, variant } = await platformOf(parts, place.base, options);
  const config: ImageConfig = {
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    config: {
      Env: place.env,
      WorkingDir: place.cwd,
      Cmd: ["/bin/sh"],
      ...(place.user !== "" && { User: place.user }),
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffID }) => diffID) },
  };
  const image = await putImage(parts, layers, config, options);
  await parts.images.put(image.manifest, options);
  return image;
}

async function platformOf(
  { images }: Pick<LayerParts, "images">,
  base: Descriptor | undefined,
  options: CallOptions,
): Promise<Pick<Platform, "os" | "architecture" | "variant">> {
  if (base === undefined) return hostPlatform();
  const { config } = parseManifest(await readBlob(images, base, options));
  return parseImageConfig(await readBlob(images, config, options));
}
