import type { OverlayXattrs } from "./overlay-marks.ts";

/** What a path of a tree is, as the Engine API tells it (`X-Docker-Container-Path-Stat`), with octal modes still. */
export interface PathStat {
  /** last component of the path; `/` for the root */
  readonly name: string;
  /** absolute, in the tree, all links but one in the last component resolved */
  readonly path: string;
  readonly size: number;
  /** type and permission bits, as stat(2) has them */
  readonly mode: number;
  /** nanoseconds since the epoch, decimal */
  readonly mtime: string;
  /** of a symbolic link: where it leads in the tree, all links resolved; else empty */
  readonly linkTarget: string;
}

/** Looks at `path` in the tree at `root`. */
export interface PathStatRequest {
  readonly op: "stat";
  readonly root: string;
  readonly path: string;
}

/** Lists the directory `path` of the tree at `root`, at most `limit` names. */
export interface ListPathRequest {
  readonly op: "list";
  readonly root: string;
  readonly path: string;
  readonly limit: number;
}

/** A name in a directory: a byte string. */
export interface ListedName {
  readonly name: string;
  readonly size: number;
  /** type and permission bits, as stat(2) has them */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** ms since the epoch */
  readonly mtime: number;
  /** what a symbolic link says; empty for all else */
  readonly target: string;
}

export interface PathList {
  /** absolute, in the tree, all links resolved */
  readonly path: string;
  readonly names: readonly ListedName[];
  /** how many the directory has */
  readonly total: number;
}

/** Archives what `path` names in the tree at `root`, called `name` in the archive; the bytes are the task's output. */
export interface ArchiveRequest {
  readonly op: "archive";
  readonly root: string;
  readonly path: string;
  /** Default: the path's own last component. Empty: what is below the directory, without itself. */
  readonly name?: string | undefined;
}

/** Unpacks the archive that comes as input (gzip, zstd or plain) into the directory `path` of the tree at `root`. */
export interface ExtractRequest {
  readonly op: "extract";
  readonly root: string;
  readonly path: string;
  readonly keepsKinds: boolean;
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/** Compares what a snapshot's own directory holds with the tree below it. */
export interface ChangesRequest {
  readonly op: "changes";
  readonly upper: string;
  readonly xattrs: OverlayXattrs;
  /** Where the layers below are mounted; undefined: there are none. */
  readonly lower: string | undefined;
}

/** Engine API `FilesystemChange`: 0 modified, 1 added, 2 deleted. */
export interface TreeChange {
  /** absolute */
  readonly Path: string;
  readonly Kind: 0 | 1 | 2;
}
