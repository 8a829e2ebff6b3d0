import { decodeBytes } from "../../internal/byte-string.ts";
import {
  closeMerged,
  mergedNames,
  openMerged,
  type MergedDirectory,
  type MergedName,
} from "../../layer/merged-directory.ts";
import { isOpaque, isOverlayXattr, isWhiteout, type OverlayXattrs } from "../../layer/overlay-marks.ts";
import { readLinkAt } from "../../platform/dir-at.ts";
import { AT_FDCWD, O_DIRECTORY, O_RDONLY, openAt } from "../../platform/fd.ts";
import {
  isDirectory,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  statAt,
  type FileStat,
} from "../../platform/stat.ts";
import { getXattr, listXattrs } from "../../platform/xattr.ts";
import { hidingEntry, xattrText, type EntryKind, type LayerEntry } from "./layer-entry.ts";

/**
 * What the layer unpacked in `directories`, top first, says of each name, in the order of a depth-first walk, whiteouts of a directory
 * before its names. The root itself is left out, and sockets are. Synchronous: for a worker.
 */
export function* listDirectory(
  directories: readonly string[],
  xattrs: OverlayXattrs,
): Generator<LayerEntry, void, void> {
  const root: number[] = [];
  try {
    for (const each of directories) root.push(openAt(AT_FDCWD, each, O_RDONLY | O_DIRECTORY));
    yield* new Walk(xattrs).children(root, "");
  } finally {
    closeMerged(root);
  }
}

class Walk {
  readonly #xattrs: OverlayXattrs;
  readonly #firstNames = new Map<string, string>();

  constructor(xattrs: OverlayXattrs) {
    this.#xattrs = xattrs;
  }

  *children(merged: MergedDirectory, path: string): Generator<LayerEntry, void, void> {
    if (merged.some((dir) => isOpaque(dir, "", this.#xattrs))) yield hidingEntry("opaque", path);
    for (const { dir, name } of mergedNames(merged, this.#xattrs)) {
      const at = path === "" ? decodeBytes(name) : `${path}/${decodeBytes(name)}`;
      const stat = statAt(dir, name);
      if (isWhiteout(stat)) yield hidingEntry("whiteout", at);
      else yield* this.#entry(merged, { dir, name }, stat, at);
    }
  }

  *#entry(
    merged: MergedDirectory,
    { dir, name }: MergedName,
    stat: FileStat,
    path: string,
  ): Generator<LayerEntry, void, void> {
    const kind = kinds.get(stat.mode & S_IFMT);
    if (kind === undefined) return;
    const link = isDirectory(stat) ? undefined : this.#firstName(stat, path);
    yield {
      path,
      kind,
      mode: stat.mode & 0o7777,
      uid: stat.uid,
      gid: stat.gid,
      size: kind === "file" ? stat.size : 0,
      xattrs: xattrText(readXattrs(dir, name)),
      ...(link !== undefined && { link }),
      ...(kind === "symlink" && { target: decodeBytes(readLinkAt(dir, name)) }),
      ...((kind === "char" || kind === "block") && { device: `${stat.rdevMajor}:${stat.rdevMinor}` }),
    };
    if (!isDirectory(stat)) return;
    const inside = openMerged(merged, name, this.#xattrs);
    try {
      yield* this.children(inside, path);
    } finally {
      closeMerged(inside);
    }
  }

  #firstName(stat: FileStat, path: string): string | undefined {
    if (stat.nlink < 2) return undefined;
    const key = `${stat.dev}:${stat.ino}`;
    const first = this.#firstNames.get(key);
    if (first === undefined) this.#firstNames.set(key, path);
    return first;
  }
}

const kinds = new Map<number, EntryKind>([
  [S_IFREG, "file"],
  [S_IFDIR, "directory"],
  [S_IFLNK, "symlink"],
  [S_IFCHR, "char"],
  [S_IFBLK, "block"],
  [S_IFIFO, "fifo"],
]);

/** As a layer's tar would have them: without the driver's own marks and the host's labels. */
function* readXattrs(dir: number, name: Uint8Array): Generator<[string, Uint8Array], void, void> {
  for (const key of listXattrs(dir, name)) {
    if (isOverlayXattr(key) || key === "security.selinux" || key.includes("=")) continue;
    const value = getXattr(dir, name, key);
    if (value !== undefined) yield [key, value];
  }
}
