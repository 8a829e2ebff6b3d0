import {
  chmodAt,
  chownAt,
  makeDirAt,
  makeNodeAt,
  readLinkAt,
  setTimesAt,
  symlinkAt,
  unlinkAt,
} from "../../platform/dir-at.ts";
import {
  chmodFd,
  chownFd,
  closeFd,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_WRONLY,
  openAt,
} from "../../platform/fd.ts";
import { setFdTimes } from "../../platform/dir-at.ts";
import {
  isDirectory,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  statAt,
  statAtIfAny,
  type FileStat,
} from "../../platform/stat.ts";
import { errnoOf } from "../../platform/syscall-error.ts";
import { getXattr, listXattrs, setXattr } from "../../platform/xattr.ts";
import { SlipwayError } from "../../errors.ts";
import type { ContentCopier } from "./content-copier.ts";
import type { ExistingDirectories, Owner } from "./copy-request.ts";
import { changeMode } from "./symbolic-mode.ts";

/** What becomes of owner and mode, and how content is copied. */
export interface CopyRules {
  readonly content: ContentCopier;
  /** Extended attributes go along. */
  readonly keepXattrs: boolean;
  readonly existing: ExistingDirectories;
  readonly owner?: Owner | undefined;
  readonly chmod?: string | undefined;
}

/** A name in an open directory. */
export interface Place {
  readonly dir: number;
  readonly name: string;
}

/**
 * Copies one thing that is no directory: content (shared where the file system can), mode, times, extended
 * attributes. What is there already is replaced, unless it is a directory. A socket of a context becomes an empty file,
 * one of a stage is left out, as in BuildKit.
 */
export function copyNode(from: Place, to: Place, rules: CopyRules): void {
  const stat = statAt(from.dir, from.name);
  const type = stat.mode & S_IFMT;
  if (type === S_IFSOCK && rules.keepXattrs) return;
  if (type === S_IFREG || type === S_IFSOCK) return copyFile(from, to, stat, rules);
  makeRoom(to);
  if (type === S_IFLNK) symlinkAt(readLinkAt(from.dir, from.name), to.dir, to.name);
  else makeNodeAt(to.dir, to.name, stat.mode, stat.rdevMajor, stat.rdevMinor);
  const owner = rules.owner ?? stat;
  chownAt(to.dir, to.name, owner.uid, owner.gid);
  if (type !== S_IFLNK) chmodAt(to.dir, to.name, modeOf(stat, rules));
  if (rules.keepXattrs) copyXattrs(from, to);
  setTimesAt(to.dir, to.name, stat.atime, stat.mtime);
}

/** Takes away what is at `to`, unless it is a directory. */
export function makeRoom(to: Place): void {
  const there = statAtIfAny(to.dir, to.name);
  if (there === undefined) return;
  if (isDirectory(there))
    throw new SlipwayError("invalid_argument", `cannot replace directory "${to.name}" with a file`);
  unlinkAt(to.dir, to.name);
}

function copyFile(from: Place, to: Place, stat: FileStat, rules: CopyRules): void {
  const hasContent = (stat.mode & S_IFMT) === S_IFREG;
  const input = openAt(from.dir, from.name, (hasContent ? O_RDONLY : O_PATH) | O_NOFOLLOW);
  try {
    const output = openNew(to);
    try {
      if (hasContent) rules.content.copy(input, output, stat.size);
      const owner = rules.owner ?? stat;
      chownFd(output, owner.uid, owner.gid);
      chmodFd(output, modeOf(stat, rules));
      if (rules.keepXattrs) copyXattrs(from, to);
      setFdTimes(output, stat.atime, stat.mtime);
    } finally {
      closeFd(output);
    }
  } finally {
    closeFd(input);
  }
}

/** A new file, in place of what may be there. */
export function openNew(to: Place): number {
  const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  try {
    return openAt(to.dir, to.name, flags, 0o600);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
  makeRoom(to);
  return openAt(to.dir, to.name, flags, 0o600);
}

function modeOf(stat: FileStat, rules: CopyRules): number {
  const mode = stat.mode & 0o7777;
  return rules.chmod === undefined ? mode : changeMode(mode, rules.chmod, isDirectory(stat));
}

/**
 * Makes the directory `to` as `from` is, also when it is there and the rules say so. False when it was there and keeps
 * its times; else they are to be set when it is full.
 */
export function copyDirectoryNode(from: Place, to: Place, rules: CopyRules): boolean {
  const there = statAtIfAny(to.dir, to.name);
  if (there !== undefined && !isDirectory(there))
    throw new SlipwayError("invalid_argument", `cannot copy to non-directory: "${to.name}"`);
  if (there !== undefined && rules.existing === "keep") return false;
  const stat = statAt(from.dir, from.name);
  if (there !== undefined && rules.existing === "mode") {
    chmodAt(to.dir, to.name, stat.mode & 0o7777);
    return false;
  }
  if (there === undefined) makeDirAt(to.dir, to.name, 0o700);
  const owner = rules.owner ?? stat;
  chownAt(to.dir, to.name, owner.uid, owner.gid);
  chmodAt(to.dir, to.name, modeOf(stat, rules));
  if (rules.keepXattrs) copyXattrs(from, to);
  return true;
}

/** Attributes that belong to the host's own keeping of the file. */
const hostAttributes = /^(security\.selinux|trusted\.overlay\.|user\.overlay\.)/;

function copyXattrs(from: Place, to: Place): void {
  for (const key of listXattrs(from.dir, from.name)) {
    if (hostAttributes.test(key)) continue;
    const value = getXattr(from.dir, from.name, key);
    if (value !== undefined) setXattr(to.dir, to.name, key, value);
  }
}
