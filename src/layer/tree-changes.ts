import { decodeBytes } from "../internal/byte-string.ts";
import { readDir } from "../platform/dir-at.ts";
import { AT_FDCWD, closeFd, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, openAt } from "../platform/fd.ts";
import { isDirectory, statAt, statAtIfAny, type FileStat } from "../platform/stat.ts";
import { errnoOf } from "../platform/syscall-error.ts";
import { isOpaque, isWhiteout, type OverlayXattrs } from "./overlay-marks.ts";
import type { ChangesRequest, TreeChange } from "./tree-tasks.ts";

const MODIFIED = 0;
const ADDED = 1;
const DELETED = 2;

/**
 * What changed between `lower` and the snapshot whose own directory is `upper`, sorted by path. A directory counts as
 * modified when its own metadata are other ones, or something directly in it was added or deleted. Synchronous.
 */
export function treeChanges(request: ChangesRequest): TreeChange[] {
  const walk = new ChangeWalk(request.xattrs);
  const upper = openDirectory(AT_FDCWD, request.upper);
  const lower = request.lower === undefined ? undefined : openDirectory(AT_FDCWD, request.lower);
  try {
    walk.directory(upper, lower, "");
  } finally {
    closeFd(upper);
    if (lower !== undefined) closeFd(lower);
  }
  return walk.changes.toSorted((a, b) => (a.Path < b.Path ? -1 : 1));
}

class ChangeWalk {
  readonly changes: TreeChange[] = [];
  readonly #xattrs: OverlayXattrs;

  constructor(xattrs: OverlayXattrs) {
    this.#xattrs = xattrs;
  }

  /** Notes what differs in the directory; true when something in it was added or deleted. */
  directory(upper: number, lower: number | undefined, path: string): boolean {
    const names = readDir(upper).map(decodeBytes);
    let isChanged = false;
    for (const name of names) isChanged = this.#entry(upper, lower, name, path) || isChanged;
    if (lower === undefined || !isOpaque(upper, "", this.#xattrs)) return isChanged;
    const kept = new Set(names);
    const hidden = readDir(lower)
      .map(decodeBytes)
      .filter((name) => !kept.has(name));
    for (const name of hidden) this.#note(`${path}/${name}`, DELETED);
    return isChanged || hidden.length > 0;
  }

  /** True when the entry was added or deleted. */
  #entry(upper: number, lower: number | undefined, name: string, parent: string): boolean {
    const stat = statAtIfAny(upper, name);
    if (stat === undefined) return false;
    const before = lower === undefined ? undefined : statAtIfAny(lower, name);
    const path = `${parent}/${name}`;
    if (isWhiteout(stat)) {
      if (before !== undefined) this.#note(path, DELETED);
      return before !== undefined;
    }
    if (isDirectory(stat)) this.#subdirectory(upper, lower, name, path, stat, before);
    else this.#note(path, before === undefined ? ADDED : MODIFIED);
    return before === undefined;
  }

  #subdirectory(
    upper: number,
    lower: number | undefined,
    name: string,
    path: string,
    stat: FileStat,
    before: FileStat | undefined,
  ): void {
    const below = before !== undefined && isDirectory(before) ? lower : undefined;
    const isInside = this.#descend(upper, below, name, path);
    if (before === undefined) this.#note(path, ADDED);
    else if (isInside || !isSame(stat, before)) this.#note(path, MODIFIED);
  }

  #descend(upper: number, lower: number | undefined, name: string, path: string): boolean {
    const inner = tryOpenDirectory(upper, name);
    if (inner === undefined) return false;
    const innerLower = lower === undefined ? undefined : tryOpenDirectory(lower, name);
    try {
      return this.directory(inner, innerLower, path);
    } finally {
      closeFd(inner);
      if (innerLower !== undefined) closeFd(innerLower);
    }
  }

  #note(path: string, kind: TreeChange["Kind"]): void {
    this.changes.push({ Path: path.toWellFormed(), Kind: kind });
  }
}

function isSame(a: FileStat, b: FileStat): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.mtime === b.mtime;
}

function openDirectory(dir: number, name: string): number {
  return openAt(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/** Undefined when it is gone by now. */
function tryOpenDirectory(dir: number, name: string): number | undefined {
  try {
    statAt(dir, name);
    return openDirectory(dir, name);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
