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
  /** Put into the root by somebody else. */
  | "foreign"
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

/** Something that is wrong with the store. */
export interface StoreProblem {
  Kind: string;
  /** A sentence that names it. */
  What: string;
  /** How it is, or was, put right; empty when it cannot be without loss. */
  Repair: string;
  /** What a person can do where nothing can be repaired. */
  Advice: string;
  State: "found" | "repaired" | "failed";
  /** Why the repair failed. */
  Error: string;
}

/** What was looked at, and what is wrong. No problems: the store is whole. */
export interface StoreCheck {
  Checked: {
    Blobs: number;
    Layers: number;
    Snapshots: number;
    Images: number;
    Containers: number;
    Volumes: number;
    Mounts: number;
  };
  Problems: StoreProblem[];
}
