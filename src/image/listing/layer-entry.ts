/** What a name is; a `whiteout` hides it in the layers below, `opaque` hides all they have in the directory. */
export type EntryKind = "file" | "directory" | "symlink" | "char" | "block" | "fifo" | "whiteout" | "opaque";

/** One thing a layer says of a name. Paths are byte strings, from the root, without a leading slash. */
export interface LayerEntry {
  readonly path: string;
  readonly kind: EntryKind;
  /** permission bits */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** bytes in the file */
  readonly size: number;
  /** A further name of a file of this layer: the path it was first listed under. */
  readonly link?: string;
  /** of a symbolic link */
  readonly target?: string;
  /** `major:minor` */
  readonly device?: string;
  /** Extended attributes as text that is equal when they are; empty for none. */
  readonly xattrs: string;
  /** hex, of files, where it is known */
  readonly sha256?: string;
}

/** What a layer says of names that are only hidden: nothing else of them is known. */
export function hidingEntry(kind: "whiteout" | "opaque", path: string): LayerEntry {
  return { path, kind, mode: 0, uid: 0, gid: 0, size: 0, xattrs: "" };
}

export function xattrText(xattrs: Iterable<readonly [string, Uint8Array]>): string {
  const lines = Array.from(xattrs, ([key, value]) => `${key}=${Buffer.from(value).toString("base64")}`);
  return lines.sort().join("\n");
}
