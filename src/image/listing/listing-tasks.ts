import type { LayerEntry } from "./layer-entry.ts";
import type { ListOptions } from "./list-directory.ts";

/** Lists the layer that is unpacked in `directory`. */
export interface DirectoryRequest extends ListOptions {
  readonly op: "directory";
  readonly directory: string;
}

/** Lists the layer whose blob, compressed or not, comes as input. Files are hashed. */
export interface TarRequest {
  readonly op: "tar";
  /** of all files together, bytes */
  readonly maxSize: number;
}

export type ListRequest = DirectoryRequest | TarRequest;

export interface ListResult {
  readonly entries: LayerEntry[];
  /** Of a tar: sha256 of the uncompressed archive, hex. */
  readonly diffID?: string;
}
