import type { TreeEntry } from "./source-tree.ts";

/** Who owns what is copied; undefined: as in the source. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** One name to be made below a destination directory, or, of an earlier copy, to be removed. */
export interface CopyEntry extends Pick<TreeEntry, "path" | "linkTo"> {
  readonly kind: TreeEntry["kind"] | "removed";
}

/**
 * What becomes of a directory that is there already, below the destination itself: it becomes as the source's (as in
 * BuildKit), gets its mode alone (`--parents`), or stays as it is (archives, which need not name every directory).
 */
export type ExistingDirectories = "replace" | "mode" | "keep";

/** One source of a COPY, ready to be copied. */
export type CopySource =
  | {
      readonly kind: "directory";
      /** Absolute path on the host. */
      readonly from: string;
      /** What it holds, relative to it, parents first. */
      readonly entries: readonly CopyEntry[];
      /**
       * Of an earlier copy: the mtime (ns) that the destination was given. One that has it still gets the source's;
       * another was there before that copy.
       */
      readonly was?: bigint;
    }
  | { readonly kind: "file"; readonly from: string; readonly name: string; readonly type: TreeEntry["kind"] }
  | { readonly kind: "inline"; readonly name: string; readonly content: string; readonly mode: number };

/** What a worker is asked to do. */
export interface CopyRequest {
  readonly kind: "copy";
  /** The root filesystem the files go to: absolute path on the host. */
  readonly root: string;
  /** Absolute in that root; a trailing slash says that it is a directory. */
  readonly destination: string;
  readonly sources: readonly CopySource[];
  readonly owner?: Owner | undefined;
  /** Owner of directories made on the way to the destination. */
  readonly parentOwner?: Owner | undefined;
  /** Extended attributes go along: from stages, and from archives. Those of a context are no part of its key. */
  readonly keepXattrs: boolean;
  readonly existing: ExistingDirectories;
  /** Octal digits or symbolic; also for directories made on the way to the destination. */
  readonly chmod?: string | undefined;
  /** No link of the root counts on the way to the destination (`--link`). */
  readonly clearsWay?: boolean;
}

export interface HashRequest {
  readonly kind: "hash";
  readonly root: string;
  readonly paths: readonly string[];
}

/** WORKDIR. */
export interface MkdirRequest {
  readonly kind: "mkdir";
  readonly root: string;
  readonly path: string;
  /** Default: root. */
  readonly owner?: Owner | undefined;
}

/** Takes away everything mounted at the path, and the directory. */
export interface UnmountRequest {
  readonly kind: "unmount";
  readonly path: string;
}

/** Nothing below the directory is later than `epoch`, in seconds. */
export interface ClampRequest {
  readonly kind: "clamp";
  readonly path: string;
  readonly epoch: number;
}

export type FilesRequest = ClampRequest | CopyRequest | HashRequest | MkdirRequest | UnmountRequest;
