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
}
