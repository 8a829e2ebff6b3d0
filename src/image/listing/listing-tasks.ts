import type { OverlayXattrs } from "../../layer/overlay-marks.ts";
import type { BucketDepths } from "./disk-usage.ts";
import type { LayerEntry } from "./layer-entry.ts";

/** Lists the layer that is unpacked in `directories`, top first. */
export interface DirectoryRequest {
  readonly op: "directory";
  readonly directories: readonly string[];
  readonly xattrs: OverlayXattrs;
}

/** Hashes files of the layer that is unpacked in `directories`, top first. The result is a hash for each path, hex. */
export interface HashRequest {
  readonly op: "hash";
  readonly directories: readonly string[];
  readonly paths: readonly string[];
}

/** Lists the layer whose blob, compressed or not, comes as input. Files are hashed. */
export interface TarRequest {
  readonly op: "tar";
  /** of all files together, bytes */
  readonly maxSize: number;
}

/** Adds up what lies below `directory`. The result is a list of {@link DiskBucket}. */
export interface UsageRequest {
  readonly op: "usage";
  readonly directory: string;
  readonly depths: BucketDepths;
}

export type ListRequest = DirectoryRequest | HashRequest | TarRequest | UsageRequest;

export interface ListResult {
  readonly entries: LayerEntry[];
  /** Of a tar: sha256 of the uncompressed archive, hex. */
  readonly diffID?: string;
}
