/** What the snapshot worker does to a directory, an absolute path. */
export interface SnapshotRequest {
  readonly op: "usage" | "remove" | "flush";
  readonly directory: string;
}

/** Copies what is in one directory into another, empty one; absolute paths. */
export interface CopyRequest {
  readonly op: "copy";
  readonly directory: string;
  readonly to: string;
  /** Both are an overlay's upper directories, on the same layers. */
  readonly overlayMarks: boolean;
  /** A part of the files, when several workers copy. */
  readonly share?: { readonly index: number; readonly of: number };
}

/** After the last of several workers that copied: the attributes of directories. */
export interface FinishRequest {
  readonly op: "finish";
  readonly directory: string;
  readonly to: string;
  readonly overlayMarks: boolean;
}

/** How many names a directory has below it, counted up to `limit`. */
export interface CountRequest {
  readonly op: "count";
  readonly directory: string;
  readonly limit: number;
}
