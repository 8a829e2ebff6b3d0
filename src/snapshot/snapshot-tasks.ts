/** What the snapshot worker does to a directory, an absolute path. */
export interface SnapshotRequest {
  readonly op: "usage" | "remove" | "flush";
  readonly directory: string;
}
