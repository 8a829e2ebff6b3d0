import type { OverlayXattrs } from "../../layer/overlay-marks.ts";
import type { LayerEntry } from "./layer-entry.ts";

/** Lists the layer that is unpacked in `directory`. */
export interface DirectoryRequest {
  readonly op: "directory";
  readonly directory: string;
  readonly xattrs: OverlayXattrs;
}

/** Hashes files of the layer that is unpacked in `directory`. The result is a hash for each path, hex. */
export interface HashRequest {
  readonly op: "hash";
  readonly directory: string;
  readonly paths: readonly string[];
}

/** Lists the layer whose blob, compressed or not, comes as input. Files are hashed. */
export interface TarRequest {
  readonly op: "tar";
  /** of all files together, bytes */
  readonly maxSize: number;
}

export type ListRequest = DirectoryRequest | HashRequest | TarRequest;

export interface ListResult {
  readonly entries: LayerEntry[];
  /** Of a tar: sha256 of the uncompressed archive, hex. */
  readonly diffID?: string;
}
