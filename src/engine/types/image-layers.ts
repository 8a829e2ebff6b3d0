/** A layer of an image. Sizes in bytes; `Index` from 1, bottom first. */
export interface ImageLayer {
  Index: number;
  DiffID: string;
  /** of the blob as the manifest names it, and its size */
  Digest: string;
  BlobSize: number;
  /** the line of the Dockerfile that made it, as the image's history has it; empty when it does not say */
  CreatedBy: string;
  Created: string;
  /** in the layer's files */
  Size: number;
  /** names that are no directories */
  Files: number;
  Directories: number;
  /** names of lower layers that it deletes */
  Deletes: number;
  /** of `Size`: what later layers replace or delete */
  Wasted: number;
}

/** A file that no one sees in the image: a later layer replaced or deleted it. */
export interface WastedFileItem {
  Path: string;
  Size: number;
  /** `Index` of the layer that has it, and of the one that hides it */
  Layer: number;
  HiddenBy: number;
}

/** The layers of an image, and what is wasted in them. `WastedFiles`: the largest 1,000. */
export interface ImageLayers {
  Id: string;
  Name: string;
  Size: number;
  Wasted: number;
  Layers: ImageLayer[];
  WastedFiles: WastedFileItem[];
}

/** A name that a layer adds, changes or removes; of a removed one it says what was there. */
export interface ImageFile {
  Path: string;
  Change: "added" | "changed" | "removed";
  Kind: "file" | "directory" | "symlink" | "char" | "block" | "fifo";
  /** bytes; 0 for a further name of a file of the same layer */
  Size: number;
  /** permission bits */
  Mode: number;
  /** of a symbolic link */
  Target?: string;
}

/** What each layer of an image does to its files, bottom layer first. */
export interface ImageFiles {
  Id: string;
  Name: string;
  /** `Index` as in {@link ImageLayer} */
  Layers: { Index: number; Files: ImageFile[] }[];
}

/** What of a name differs. */
export type FileAspect = "type" | "content" | "mode" | "owner" | "target" | "device" | "attributes";

/** Which layer of which image did it. */
export interface ImageLine {
  Image: "A" | "B";
  /** `Index` of the layer, from 1 */
  Layer: number;
  CreatedBy: string;
}

export interface ImageFileChange {
  Path: string;
  Change: "added" | "changed" | "removed";
  Kind: string;
  /** Of a change; empty otherwise. */
  Aspects: FileAspect[];
  /** bytes in A and in B; 0 where it is not */
  SizeA: number;
  SizeB: number;
  /** A file that is gone because B never had it is told of with the line of A that made it. */
  Line: ImageLine;
}

/** A setting of the image's config, such as `Env PATH`; null: not set. */
export interface ImageConfigChange {
  Field: string;
  A: string | null;
  B: string | null;
  /** the line of B, or of A when B has none, that sets it; empty when the history does not tell */
  CreatedBy: string;
}

/** What one line did: counts of names, and bytes it brought (`removed`: took away). */
export interface ImageLineChanges extends ImageLine {
  Added: number;
  Changed: number;
  Removed: number;
  Bytes: number;
  RemovedBytes: number;
}

export interface ImageDiffSide {
  Name: string;
  Id: string;
  Size: number;
  Layers: number;
}

/** How image B differs from image A. Times of files are not compared. Sorted by path. */
export interface ImageDiff {
  A: ImageDiffSide;
  B: ImageDiffSide;
  /** Layers from the bottom that both have. */
  SharedLayers: number;
  Added: { Files: number; Bytes: number };
  Changed: { Files: number; Bytes: number };
  Removed: { Files: number; Bytes: number };
  Config: ImageConfigChange[];
  Lines: ImageLineChanges[];
  Files: ImageFileChange[];
}

/** An image that can be looked at in the host's file system, read-only. */
export interface MountedImage {
  Id: string;
  Name: string;
  Path: string;
}

/** A manifest or index as its registry, or this store, has it. */
export interface ImageManifest {
  /** `docker.io/library/nginx@sha256:…` */
  Ref: string;
  Descriptor: {
    mediaType: string;
    digest: string;
    size: number;
    platform?: { architecture: string; os: string; variant?: string; "os.version"?: string };
  };
  /** the document's own bytes, base64 */
  Raw: string;
}

/** `Root` is what the name means; `Manifests` what an index lists, when it was asked for. */
export interface ImageManifests {
  Root: ImageManifest;
  Manifests: ImageManifest[];
}

/** One image of an index: sizes in bytes, 0 for what is not here. */
export interface ImagePlatform {
  /** `linux/arm64/v8` */
  Platform: string;
  /** of its manifest */
  Digest: string;
  Available: boolean;
  /** unpacked layers and blobs, on disk */
  DiskUsage: number;
  /** blobs: what a pull brought, or a push would send of what is compressed */
  ContentSize: number;
}

/** An image with the platforms that its names lead to. */
export interface ImageTree {
  Id: string;
  Names: string[];
  DiskUsage: number;
  ContentSize: number;
  /** names of the containers made from it */
  Containers: string[];
  Platforms: ImagePlatform[];
}
