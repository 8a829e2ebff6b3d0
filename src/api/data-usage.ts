import type { Engine } from "../engine/engine.ts";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";

const types = ["container", "image", "volume", "build-cache"];

/**
 * Engine API, `GET /system/df`: what of the `wanted` types (none: all) lies on the disk. The build cache is not
 * counted apart from the images yet, so its list is empty.
 */
export async function dataUsage(
  engine: Pick<Engine, "images" | "containers" | "volumes">,
  wanted: readonly string[],
  o: CallOptions,
): Promise<object> {
  const unknown = wanted.find((type) => !types.includes(type));
  if (unknown !== undefined) throw new SlipwayError("invalid_argument", `unknown object type: ${unknown}`);
  const asked = (type: string) => wanted.length === 0 || wanted.includes(type);
  const [images, containers, volumes] = await Promise.all([
    asked("image") ? engine.images.list(o) : undefined,
    asked("container") ? engine.containers.list({ ...o, all: true, size: true }) : undefined,
    asked("volume") ? engine.volumes.list(o) : undefined,
  ]);
  return {
    ...(images !== undefined && {
      LayersSize: images.reduce((sum, image) => sum + image.Size, 0),
      Images: images,
    }),
    ...(containers !== undefined && { Containers: containers }),
    ...(volumes !== undefined && {
      Volumes: volumes.Volumes.map((volume) => ({ UsageData: { Size: -1, RefCount: -1 }, ...volume })),
    }),
    ...(asked("build-cache") && { BuildCache: [] }),
  };
}
