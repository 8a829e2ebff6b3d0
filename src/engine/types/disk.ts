/** What a byte below the root is for. */
export type DiskCategory =
  | "image-layers"
  | "build-cache"
  | "containers"
  | "logs"
  | "volumes"
  | "blobs"
  | "ingest"
  | "database"
  | "work"
  | "unreferenced"
  | "engine";

/** One owner's part: an image, several that share a layer, a container, a volume, … Bytes on disk, inodes. */
export interface DiskOwner {
  Owner: string;
  Bytes: number;
  Inodes: number;
}

export interface DiskCategoryUsage {
  Category: DiskCategory;
  Bytes: number;
  Inodes: number;
  /** What gives it back; empty when nothing should. */
  FreedBy: string;
  /** Largest first. Their sum is the category's. */
  Owners: DiskOwner[];
}

/** Every byte below the engine's root by owner. `Total` is what `du -s --block-size=1` of the root says. */
export interface DiskExplanation {
  Root: string;
  Total: number;
  Inodes: number;
  /** Largest first. Their sum is `Total`. */
  Categories: DiskCategoryUsage[];
}
