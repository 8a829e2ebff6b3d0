import type { Mount } from "../oci/mount.ts";

/**
 * `active`: writable, belongs to a container, a build step or an unpack in progress; `view`: read-only, of the same
 * kinds; `committed`: immutable, a parent for others.
 */
export type SnapshotKind = "active" | "view" | "committed";

export interface SnapshotInfo {
  readonly key: string;
  readonly kind: SnapshotKind;
  readonly parent?: string;
  /** Its own files and its parent's are one layer: see `commit`. */
  readonly continuesParent?: true;
  readonly createdAt: Date;
}

/** Disk used by one snapshot alone, without its parents. Hard links count once. */
export interface Usage {
  /** bytes allocated on disk */
  readonly bytes: number;
  /** bytes in its regular files, as `ls -l` shows them: what Docker calls the size of a layer */
  readonly contentBytes: number;
  readonly inodes: number;
}

/**
 * Filesystems in layers. A *key* names an active snapshot or view (a container ID, a build step); a *name* names a
 * committed one: a ChainID, or a build-cache name. Keys and names share one namespace.
 *
 * - Unpack: `prepare(tmp)` → apply the layer into its mounts → `commit(chainID, tmp, { parent })`.
 * - Container: `prepare(id, chainID)` → mount → run → `remove(id)`.
 * - Build step: `prepare(step, parentName)` → run → `commit(cacheName, step)`.
 *
 * Every method is safe to call from several tasks at once. A crash leaves at most files without a record, which the
 * next open removes.
 */
export interface Snapshotter extends AsyncDisposable {
  /** Throws `not_found`. */
  stat(key: string): Promise<SnapshotInfo>;
  /** Makes an active snapshot on top of the committed `parent`. Throws `conflict` when the key exists. */
  prepare(key: string, parent?: string): Promise<readonly Mount[]>;
  /**
   * Makes an active snapshot with the files that active `from` has now, on the same parent. Who writes into `from`
   * meanwhile is held up by the caller. Throws `conflict` when the key exists.
   */
  fork(key: string, from: string): Promise<void>;
  /** A read-only look at the committed `parent`. Throws `conflict` when the key exists. */
  view(key: string, parent: string): Promise<readonly Mount[]>;
  /** The mounts of an active snapshot or view; for one with no parent, a bind of its directory. */
  mounts(key: string): Promise<readonly Mount[]>;
  /**
   * Turns active `key` into committed `name`; the key is gone. `parent` rebases: an unpack prepares with no parent,
   * so that layers unpack side by side, and names the parent here. Throws `conflict` when `name` exists (the key
   * stays). `continuesParent`: what was written changes the parent's layer and is no layer by itself.
   */
  commit(name: string, key: string, options?: { parent?: string; continuesParent?: boolean }): Promise<void>;
  /**
   * The layer that committed `name` adds, without what it stands on, as read-only mounts: a bind of its directory, or
   * an overlay of several when it continues its parent. Nothing is recorded: the caller holds `name` by a lease.
   */
  layer(name: string): Promise<readonly Mount[]>;
  usage(key: string): Promise<Usage>;
  /** Throws `conflict` while another snapshot stands on it. Files go in the background. */
  remove(key: string): Promise<void>;
  list(): AsyncIterable<SnapshotInfo>;
  /**
   * Makes the files of every committed snapshot durable; at once when they are. Until then a power cut may cost them, so it is
   * called before somebody is told that something stands on them which cannot be made again.
   */
  flush(): Promise<void>;
}
