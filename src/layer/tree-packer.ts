import { decodeBytes } from "../internal/byte-string.ts";
import { readLinkAt } from "../platform/dir-at.ts";
import {
  AT_FDCWD,
  closeFd,
  dataExtents,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  openAt,
  readAt,
} from "../platform/fd.ts";
import {
  isDirectory,
  S_IFBLK,
  S_IFCHR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  statAt,
  type FileStat,
} from "../platform/stat.ts";
import { errnoOf } from "../platform/syscall-error.ts";
import { getXattr, listFdXattrs, listXattrs } from "../platform/xattr.ts";
import {
  closeMerged,
  findMerged,
  hidesAllBelow,
  mergedNames,
  openMerged,
  type MergedDirectory,
  type MergedName,
} from "./merged-directory.ts";
import { isOpaque, isOverlayXattr, isWhiteout, type OverlayXattrs } from "./overlay-marks.ts";
import type { Extent } from "./tar/sparse-map.ts";
import { tarTypes } from "./tar/tar-header.ts";
import { tarHeaderBlocks, tarPadding, tarTrailer, type TarEntryHeader } from "./tar/tar-writer.ts";

const CHUNK = 1 << 18;
/** Holes of less are written as zeros, which every reader of tar understands. */
const MIN_HOLES = 1 << 20;
/** Holes begin and end at whole pages on all file systems, so that the bytes do not depend on which it is. */
const PAGE = 4096;

/**
 * The tree below a directory as a layer tar (image-spec, layer.md, "Representing Changes"): depth first, names in
 * the order of their bytes, overlay whiteouts as `.wh.` entries, hard links, holes, attributes, nanoseconds. The same
 * tree always gives the same bytes. Sockets are left out. The root has an entry only when it is not an ordinary
 * directory (0755, owner 0:0, no attributes). A layer may lie in several directories over each other. Synchronous; a
 * yielded chunk is good until the next is asked for.
 */
export class TreePacker {
  readonly #xattrs: OverlayXattrs | undefined;
  readonly #firstNames = new Map<string, string>();
  // Windows on a Buffer are Buffers, and those take long to make.
  readonly #buffer = new Uint8Array(CHUNK);
  /** Bytes in the regular files packed so far, hard links once. */
  contentBytes = 0;

  /**
   * `xattrs` undefined: no layer but a tree as it is seen, that others may be changing meanwhile. A device 0/0 is then
   * a device, and what vanishes between two looks is left out.
   */
  constructor(xattrs: OverlayXattrs | undefined) {
    this.#xattrs = xattrs;
  }

  /** `name` of the open directory `dir`, with all below it, called `path` in the archive; `/` for a whole root. */
  *packName(dir: number, name: Uint8Array | string, path: string): Generator<Uint8Array, void, void> {
    yield* this.#named([dir], { dir, name }, statAt(dir, name), path);
    yield tarTrailer();
  }

  /** What is below the open directory `dir`, without an entry for itself. */
  *packChildren(dir: number): Generator<Uint8Array, void, void> {
    yield* this.#children([dir], "");
    yield tarTrailer();
  }

  /**
   * The layer in `directories`, top first. With `below`, the directories of the layers under it, top first: those in
   * `directories` are several layers that become one, and whiteouts stay only where they hide something of `below`.
   */
  *pack(directories: readonly string[], below?: readonly string[]): Generator<Uint8Array, void, void> {
    const root: number[] = [];
    const under: number[] | undefined = below === undefined ? undefined : [];
    try {
      for (const each of directories) root.push(openAt(AT_FDCWD, each, O_RDONLY | O_DIRECTORY));
      for (const each of below ?? []) under?.push(openAt(AT_FDCWD, each, O_RDONLY | O_DIRECTORY));
      const [top = -1] = root;
      const stat = statAt(top, "");
      const xattrs = this.#readXattrs(top, "");
      const isOrdinary =
        (stat.mode & 0o7777) === 0o755 && stat.uid === 0 && stat.gid === 0 && xattrs.size === 0;
      if (!isOrdinary) yield tarHeaderBlocks({ ...common(stat, "./"), type: tarTypes.directory, xattrs });
      yield* this.#children(root, "", under);
      yield tarTrailer();
    } finally {
      closeMerged([...root, ...(under ?? [])]);
    }
  }

  *#children(
    merged: MergedDirectory,
    path: string,
    below?: MergedDirectory,
  ): Generator<Uint8Array, void, void> {
    const xattrs = this.#xattrs;
    const isLayer = xattrs !== undefined;
    if (isLayer && below === undefined && merged.some((dir) => isOpaque(dir, "", xattrs)))
      yield whiteout(`${path}.wh..wh..opq`);
    for (const each of mergedNames(merged, xattrs, below)) {
      try {
        yield* this.#entry(merged, each, path, below);
      } catch (error) {
        if (isLayer || errnoOf(error) !== "ENOENT") throw error;
      }
    }
  }

  *#entry(
    merged: MergedDirectory,
    place: MergedName,
    parent: string,
    below?: MergedDirectory,
  ): Generator<Uint8Array, void, void> {
    const stat = statAt(place.dir, place.name);
    const base = decodeBytes(place.name);
    const path = parent + base;
    if (this.#xattrs !== undefined && isWhiteout(stat)) yield whiteout(`${parent}.wh.${base}`);
    else yield* this.#named(merged, place, stat, path, below);
  }

  *#named(
    merged: MergedDirectory,
    { dir, name }: Place,
    stat: FileStat,
    path: string,
    below?: MergedDirectory,
  ): Generator<Uint8Array, void, void> {
    if (isDirectory(stat))
      yield* this.#directory(merged, { dir, name }, stat, path.replace(/\/?$/, "/"), below);
    else {
      const first = this.#firstName(stat, path);
      if (first === undefined) yield* this.#leaf(dir, name, stat, path);
      else yield tarHeaderBlocks({ ...common(stat, path), type: tarTypes.hardLink, linkname: first });
    }
  }

  *#directory(
    merged: MergedDirectory,
    { dir, name }: Place,
    stat: FileStat,
    path: string,
    below?: MergedDirectory,
  ): Generator<Uint8Array, void, void> {
    const xattrs = this.#readXattrs(dir, name);
    yield tarHeaderBlocks({ ...common(stat, path), type: tarTypes.directory, xattrs });
    const inside = openMerged(merged, name, this.#xattrs);
    try {
      if (below === undefined) yield* this.#children(inside, path);
      else yield* this.#childrenOver(below, merged, inside, { name, path });
    } finally {
      closeMerged(inside);
    }
  }

  /** What is `inside` the directory `name` of several layers that become one over `below`. */
  *#childrenOver(
    below: MergedDirectory,
    merged: MergedDirectory,
    inside: MergedDirectory,
    { name, path }: { readonly name: Uint8Array | string; readonly path: string },
  ): Generator<Uint8Array, void, void> {
    const before = findMerged(below, name);
    const isOver = before !== undefined && isDirectory(before);
    const isHiding = this.#xattrs !== undefined && hidesAllBelow(merged, name, this.#xattrs);
    if (isOver && isHiding) yield whiteout(`${path}.wh..wh..opq`);
    const under = isOver && !isHiding ? openMerged(below, name, this.#xattrs) : [];
    try {
      yield* this.#children(inside, path, under);
    } finally {
      closeMerged(under);
    }
  }

  *#leaf(
    dir: number,
    name: Uint8Array | string,
    stat: FileStat,
    path: string,
  ): Generator<Uint8Array, void, void> {
    const type = stat.mode & S_IFMT;
    if (type === S_IFREG) {
      yield* this.#file(dir, name, stat, path);
      return;
    }
    const header = { ...common(stat, path), xattrs: this.#readXattrs(dir, name) };
    switch (type) {
      case S_IFLNK: {
        const linkname = decodeBytes(readLinkAt(dir, name));
        yield tarHeaderBlocks({ ...header, type: tarTypes.symlink, linkname });
        break;
      }
      case S_IFCHR:
      case S_IFBLK: {
        const device = type === S_IFCHR ? tarTypes.charDevice : tarTypes.blockDevice;
        yield tarHeaderBlocks({
          ...header,
          type: device,
          devMajor: stat.rdevMajor,
          devMinor: stat.rdevMinor,
        });
        break;
      }
      case S_IFIFO:
        yield tarHeaderBlocks({ ...header, type: tarTypes.fifo });
        break;
      default:
    }
  }

  *#file(
    dir: number,
    name: Uint8Array | string,
    stat: FileStat,
    path: string,
  ): Generator<Uint8Array, void, void> {
    // Should it be a pipe by now, opening it must not wait for a writer.
    const fd = openAt(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      if (this.#xattrs === undefined && (statAt(fd, "").mode & S_IFMT) !== S_IFREG) return;
      const header = { ...common(stat, path), xattrs: this.#readXattrs(dir, name, listFdXattrs(fd)) };
      const extents = sparseExtents(fd, stat);
      const size = stat.size;
      this.contentBytes += size;
      yield tarHeaderBlocks({ ...header, type: tarTypes.file, size, ...(extents && { extents }) });
      let stored = 0;
      for (const { offset, length } of extents ?? [{ offset: 0, length: size }]) {
        yield* this.#content(fd, offset, length);
        stored += length;
      }
      yield tarPadding(stored);
    } finally {
      closeFd(fd);
    }
  }

  /** Exactly `length` bytes: of a file that shrinks meanwhile, zeros at the end. */
  *#content(fd: number, offset: number, length: number): Generator<Uint8Array, void, void> {
    for (let done = 0; done < length;) {
      const chunk = this.#buffer.subarray(0, Math.min(CHUNK, length - done));
      const count = readAt(fd, chunk, offset + done);
      chunk.fill(0, count);
      yield chunk;
      done += chunk.length;
    }
  }

  #firstName(stat: FileStat, path: string): string | undefined {
    if (stat.nlink < 2) return undefined;
    const key = `${stat.dev}:${stat.ino}`;
    const first = this.#firstNames.get(key);
    if (first === undefined) this.#firstNames.set(key, path);
    return first;
  }

  /** A label of the host's SELinux policy is none of the image's, and a key with `=` has no place in a PAX record. */
  #readXattrs(
    dir: number,
    name: Uint8Array | string,
    keys: string[] = listXattrs(dir, name),
  ): Map<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const key of keys.sort()) {
      if (isOverlayXattr(key) || key === "security.selinux" || key.includes("=")) continue;
      const value = getXattr(dir, name, key);
      if (value !== undefined) found.set(key, value);
    }
    return found;
  }
}

/** A name in an open directory. */
interface Place {
  readonly dir: number;
  readonly name: Uint8Array | string;
}

function common(stat: FileStat, name: string): Omit<TarEntryHeader, "type"> {
  return { name, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, mtime: stat.mtime };
}

/** Says nothing of when or by whom: a whiteout on disk keeps neither. */
function whiteout(name: string): Uint8Array {
  return tarHeaderBlocks({ type: tarTypes.file, name, mode: 0o600 });
}

/** The data of a file with large holes, in whole pages; undefined for other files. */
function sparseExtents(fd: number, stat: FileStat): Extent[] | undefined {
  if (stat.size - stat.blocks * 512 < MIN_HOLES) return undefined;
  const extents: { offset: number; length: number }[] = [];
  let stored = 0;
  for (const { offset, length } of dataExtents(fd, stat.size)) {
    const start = offset - (offset % PAGE);
    const end = Math.min(stat.size, Math.ceil((offset + length) / PAGE) * PAGE);
    const last = extents.at(-1);
    if (last !== undefined && last.offset + last.length >= start) last.length = end - last.offset;
    else extents.push({ offset: start, length: end - start });
    stored += end - start;
  }
  if (stat.size - stored < MIN_HOLES) return undefined;
  extents.push({ offset: stat.size, length: 0 });
  return extents;
}
