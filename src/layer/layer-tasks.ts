import type { Compression } from "../oci/media-types.ts";
import type { OverlayXattrs } from "./overlay-marks.ts";
import type {
  ArchiveRequest,
  ChangesRequest,
  ExtractRequest,
  ListPathRequest,
  PathStatRequest,
} from "./tree-tasks.ts";

/** Unpacks the blob that comes as input, or is in the file `fd`, into `directory`. */
export interface UnpackRequest {
  readonly op: "unpack";
  /** an open file of this process */
  readonly fd?: number;
  readonly directory: string;
  readonly xattrs: OverlayXattrs;
  /** no layer: `.wh.` names are names like any other */
  readonly isPlain: boolean;
  readonly algorithm: "sha256" | "sha512";
  /** hex */
  readonly digest: string;
  /** of the blob, bytes */
  readonly size: number;
  /** of the uncompressed tar, bytes */
  readonly maxSize: number;
}

/** Unpacks an archive that is no layer, and that nothing is known of, into the empty `directory`. Input as above. */
export interface UnpackArchiveRequest {
  readonly op: "unpackArchive";
  readonly fd?: number;
  readonly directory: string;
  /** of the uncompressed tar, bytes */
  readonly maxSize: number;
}

export interface UnpackResult {
  /** sha256 of the uncompressed tar, hex */
  readonly diffID: string;
  /** of the uncompressed tar, bytes */
  readonly size: number;
}

/** Packs the layer in `directories`, top first; the bytes are its output unless `isHashOnly`. */
export interface PackRequest {
  readonly op: "pack";
  readonly directories: readonly string[];
  /** Top first: what lies under several layers that become one. Undefined for one layer as it is. */
  readonly below?: readonly string[];
  readonly xattrs: OverlayXattrs;
  readonly compression: Compression;
  readonly isHashOnly: boolean;
}

export interface PackResult extends UnpackResult {
  /** in regular files, hard links once */
  readonly contentBytes: number;
}

export type LayerRequest =
  | UnpackRequest
  | UnpackArchiveRequest
  | PackRequest
  | ArchiveRequest
  | ExtractRequest
  | ChangesRequest
  | PathStatRequest
  | ListPathRequest;
