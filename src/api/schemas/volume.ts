import type { VolumeCreate } from "../../engine/types/volume.ts";
import { mapOf, object, text, unsupported, type Check } from "../schema.ts";

/** Engine API `VolumeCreateOptions`. */
export const volumeCreate: Check<VolumeCreate> = object({
  Name: text,
  Driver: text,
  DriverOpts: mapOf(text),
  Labels: mapOf(text),
  ClusterVolumeSpec: unsupported,
});
