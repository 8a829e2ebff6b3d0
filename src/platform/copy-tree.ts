import { setImmediate } from "node:timers/promises";
import { copyData } from "./copy-data.ts";
import {
  chmodFd,
  chownFd,
  closeFd,
  cloneFd,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_WRONLY,
  openAt,
  openConfined,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
} from "./fd.ts";
import {
  chmodAt,
  chownAt,
  linkAt,
  makeDirAt,
  makeNodeAt,
  readDir,
  readLinkAt,
  setFdTimes,
  setTimesAt,
  symlinkAt,
} from "./dir-at.ts";
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, statAt, type FileStat } from "./stat.ts";
import { decodeBytes } from "../internal/byte-string.ts";
import { errnoOf, type Name } from "./syscall-error.ts";
import { getXattr, listFdXattrs, listXattrs, setXattr } from "./xattr.ts";

/** An inode that was copied already, by its place below the target: other names of it become hard links. */
interface Copied {
  readonly path: string;
  readonly name: Name;
}

export interface CopyOptions {
  /** The tree is an overlay's upper directory, and the copy is to be one on the same layers: its marks come along. */
  readonly overlayMarks?: boolean;
  /**
   * One of `of` calls that copy a tree side by side, each on a thread of its own: directories are left without their attributes.
   * {@link finishDirectories} gives them when all are done.
   */
  readonly share?: { readonly index: number; readonly of: number } | undefined;
}

interface Copy extends CopyOptions {
  /** The target's top directory. */
  readonly top: number;
  readonly links: Map<string, Copied>;
  entries: number;
  /** Until the first file says no: one file system copies them all in the same way. */
  clones: boolean;
}

/** A directory on both sides, and its path below the top. */
interface Pair {
  readonly from: number;
  readonly to: number;
  readonly path: string;
}

/** The event loop has its turn after so many entries. */
const batch = 64;

/**
 * Copies all below the open directory `from` into the open, empty directory `to`, with owners, modes, times, extended
 * attributes, hard links, holes, devices and links as they are, and then what the directory itself has. No link is
 * followed.
 */
export async function copyTree(from: number, to: number, options: CopyOptions = {}): Promise<void> {
  const copy: Copy = { ...options, top: to, links: new Map(), entries: 0, clones: true };
  await copyEntries(copy, { from, to, path: "." });
  if (options.share === undefined) copyAttributes(copy, from, ".", to, ".", statAt(from, ""));
}

async function copyEntries(copy: Copy, pair: Pair): Promise<void> {
  for (const name of readDir(pair.from)) {
    copy.entries += 1;
    if (copy.entries % batch === 0) await setImmediate();
    const stat = statAt(pair.from, name);
    if ((stat.mode & S_IFMT) === S_IFDIR) await copyDirectory(copy, pair, name, stat);
    else if (isOwn(copy, stat)) copyLeaf(copy, pair, name, stat);
  }
}

async function copyDirectory(copy: Copy, pair: Pair, name: Name, stat: FileStat): Promise<void> {
  makeDirectory(copy, pair.to, name);
  const from = openAt(pair.from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const to = openAt(pair.to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      await copyEntries(copy, { from, to, path: `${pair.path}/${textOf(name)}` });
    } finally {
      closeFd(to);
    }
  } finally {
    closeFd(from);
  }
  if (copy.share === undefined) copyAttributes(copy, pair.from, name, pair.to, name, stat);
}

function makeDirectory({ share }: Copy, to: number, name: Name): void {
  try {
    makeDirAt(to, name, 0o700);
  } catch (error) {
    if (share === undefined || errnoOf(error) !== "EEXIST") throw error;
  }
}

/** Names of one inode are made by one thread, which knows the first of them. */
function isOwn({ share, entries }: Copy, { nlink }: FileStat): boolean {
  return share === undefined || (nlink > 1 ? 0 : entries % share.of) === share.index;
}

function copyLeaf(copy: Copy, pair: Pair, name: Name, stat: FileStat): void {
  const key = `${stat.dev} ${stat.ino}`;
  const first = stat.nlink > 1 ? copy.links.get(key) : undefined;
  if (first !== undefined) return linkAgain(copy, first, pair.to, name);
  const { from, to } = pair;
  const type = stat.mode & S_IFMT;
  if (type === S_IFREG) copyFile(copy, pair, name, stat);
  else {
    if (type === S_IFLNK) symlinkAt(readLinkAt(from, name), to, name);
    else makeNodeAt(to, name, type | 0o600, stat.rdevMajor, stat.rdevMinor);
    copyAttributes(copy, from, name, to, name, stat);
  }
  if (stat.nlink > 1) copy.links.set(key, { path: pair.path, name });
}

/** The volume may be in use by another container already: the way to the first name follows no link. */
function linkAgain(copy: Copy, first: Copied, to: number, name: Name): void {
  const dir = openConfined(copy.top, first.path, O_PATH | O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  try {
    linkAt(dir, first.name, to, name);
  } finally {
    closeFd(dir);
  }
}

function textOf(name: Name): string {
  return typeof name === "string" ? name : decodeBytes(name);
}

/** By descriptors, which costs half of what names cost: a tree of a thousand files is copied while processes stand still. */
function copyFile(copy: Copy, { from, to }: Pair, name: Name, stat: FileStat): void {
  const source = openAt(from, name, O_RDONLY | O_NOFOLLOW);
  try {
    const target = openAt(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      copy.clones = copy.clones && cloneFd(source, target);
      if (!copy.clones) copyData(source, target, stat);
      chownFd(target, stat.uid, stat.gid);
      chmodFd(target, stat.mode & 0o7777);
      const keys = listFdXattrs(source);
      if (keys.length > 0) copyXattrs(copy, { from, to, name, toName: name, keys });
      setFdTimes(target, stat.atime, stat.mtime);
    } finally {
      closeFd(target);
    }
  } finally {
    closeFd(source);
  }
}

/** Owner first: changing it drops the set-user-ID bit and file capabilities. */
export function copyAttributes(
  copy: CopyOptions,
  from: number,
  fromName: Name,
  to: number,
  toName: Name,
  stat: FileStat,
): void {
  chownAt(to, toName, stat.uid, stat.gid);
  const isLink = (stat.mode & S_IFMT) === S_IFLNK;
  if (!isLink) chmodAt(to, toName, stat.mode & 0o7777);
  copyXattrs(copy, { from, to, name: fromName, toName, keys: listXattrs(from, fromName) });
  setTimesAt(to, toName, stat.atime, stat.mtime);
}

function copyXattrs(
  copy: CopyOptions,
  { from, to, name, toName, keys }: { from: number; to: number; name: Name; toName: Name; keys: string[] },
): void {
  for (const key of keys) {
    // The label is the host's policy's to give.
    if (key === "security.selinux" || !isCopied(key, copy)) continue;
    const value = getXattr(from, name, key);
    if (value !== undefined) keepXattr(to, toName, key, value);
  }
}

/** Of overlay's own marks those that say what is hidden, not those that lead to another inode. */
function isCopied(key: string, { overlayMarks = false }: CopyOptions): boolean {
  const mark = /^(?:trusted|user)\.overlay\.(.*)$/.exec(key)?.[1];
  if (mark === undefined) return true;
  return overlayMarks && ["opaque", "impure", "whiteout", "whiteouts"].includes(mark);
}

function keepXattr(dir: number, name: Name, key: string, value: Uint8Array): void {
  try {
    setXattr(dir, name, key, value);
  } catch (error) {
    // A volume on a file system without attributes, or without the right to set this one.
    if (!["ENOTSUP", "EOPNOTSUPP", "EPERM"].includes(errnoOf(error) ?? "")) throw error;
  }
}
