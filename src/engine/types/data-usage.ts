import type { ContainerSummary } from "./container.ts";
import type { ImageSummary } from "./image.ts";
import type { VolumeInspect } from "./volume.ts";

/** Engine API `BuildCache`: one step of a build that was carried out. Times in RFC 3339. */
export interface BuildCacheItem {
  ID: string;
  Parents?: string[];
  Type: "regular";
  Description: string;
  InUse: boolean;
  /** Its files are those of an image's layer as well, and count there. */
  Shared: boolean;
  /** bytes */
  Size: number;
  CreatedAt: string;
  LastUsedAt: string | null;
  UsageCount: number;
}

export const dataUsageTypes = ["container", "image", "volume", "build-cache"] as const;
export type DataUsageType = (typeof dataUsageTypes)[number];

/** Engine API, `GET /system/df`. What was not asked for is absent. Sizes in bytes. */
export interface DataUsage {
  /** of all layers of all images, each counted once */
  LayersSize?: number;
  Images?: ImageSummary[];
  Containers?: ContainerSummary[];
  Volumes?: VolumeInspect[];
  BuildCache?: BuildCacheItem[];
}
