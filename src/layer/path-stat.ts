import { readlinkSync } from "node:fs";
import { posix } from "node:path";
import { SlipwayError } from "../errors.ts";
import { decodeBytes } from "../internal/byte-string.ts";
import { readLinkAt } from "../platform/dir-at.ts";
import {
  AT_FDCWD,
  closeFd,
  O_DIRECTORY,
  O_PATH,
  openAt,
  openConfined,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
} from "../platform/fd.ts";
import { S_IFLNK, S_IFMT, statAt, type FileStat } from "../platform/stat.ts";
import { errnoOf } from "../platform/syscall-error.ts";
import type { PathStat } from "./tree-tasks.ts";

const CONFINED = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

/** A name found in a tree, its directory open. Dispose closes that. */
export interface FoundPath extends Disposable {
  /** The directory that holds it (O_PATH), links on the way resolved within the tree. */
  readonly dir: number;
  /** `.` when the path named a directory itself: the root, or by a trailing slash or dot. */
  readonly base: string;
  readonly stat: FileStat;
  /** What the path calls it: its last component, `/` for the root, `.` when the path ends so. */
  readonly name: string;
  /** Absolute in the tree. */
  readonly path: string;
}

/**
 * Finds `path` in the tree at `root` as a process with that root would, in one step: links, absolute ones too, stay
 * inside whatever others do to the tree meanwhile (openat2(2), RESOLVE_IN_ROOT). A link in the last component is not
 * followed, unless a slash or `/.` comes behind it. Throws `not_found`; `invalid_argument` when a file is used as a
 * directory. Synchronous.
 */
export function findPath(root: string, path: string): FoundPath {
  const clean = posix.join("/", path);
  const isDirectory = clean === "/" || /\/\.?$/.test(path);
  const top = openAt(AT_FDCWD, root, O_PATH | O_DIRECTORY);
  try {
    const bare = clean === "/" ? "/" : clean.replace(/\/$/, "");
    const dir = openConfined(top, isDirectory ? bare : posix.dirname(bare), O_PATH | O_DIRECTORY, CONFINED);
    return opened(root, dir, bare, { isDirectory, name: nameOf(path, bare) });
  } catch (error) {
    throw pathError(path, error);
  } finally {
    closeFd(top);
  }
}

/** As Docker calls it: a path that ends in a dot names what is in the directory. */
function nameOf(path: string, clean: string): string {
  return /(^|\/)\.\/?$/.test(path) ? "." : posix.basename(clean) || "/";
}

function opened(
  root: string,
  dir: number,
  path: string,
  { isDirectory, name }: { isDirectory: boolean; name: string },
): FoundPath {
  try {
    const base = isDirectory ? "." : posix.basename(path);
    const stat = statAt(dir, base);
    const parent = placeOf(root, dir);
    return {
      dir,
      base,
      stat,
      name,
      path: isDirectory ? parent : posix.join(parent, base),
      [Symbol.dispose]: () => closeFd(dir),
    };
  } catch (error) {
    closeFd(dir);
    throw error;
  }
}

/** What `path` is. Throws as {@link findPath}. */
export function pathStat(root: string, path: string): PathStat {
  using found = findPath(root, path);
  const { stat, name } = found;
  const isLink = (stat.mode & S_IFMT) === S_IFLNK;
  return {
    name,
    path: found.path,
    size: stat.size,
    mode: stat.mode,
    mtime: String(stat.mtime),
    linkTarget: isLink ? linkTarget(root, found) : "",
  };
}

/** Of a link to nothing, what it says. */
function linkTarget(root: string, link: FoundPath): string {
  const says = decodeBytes(readLinkAt(link.dir, link.base));
  const top = openAt(AT_FDCWD, root, O_PATH | O_DIRECTORY);
  try {
    const fd = openConfined(top, link.path, O_PATH, CONFINED);
    try {
      return placeOf(root, fd);
    } finally {
      closeFd(fd);
    }
  } catch {
    return posix.resolve(posix.dirname(link.path), says);
  } finally {
    closeFd(top);
  }
}

/** Where an open file of the tree is, seen from the tree's root. */
function placeOf(root: string, fd: number): string {
  const place = readlinkSync(`/proc/self/fd/${fd}`);
  if (root === "/") return place;
  return place.startsWith(`${root}/`) ? place.slice(root.length) : "/";
}

function pathError(path: string, error: unknown): unknown {
  const shown = path.slice(0, 400).toWellFormed();
  switch (errnoOf(error)) {
    case "ENOENT":
      return new SlipwayError("not_found", `Could not find the file ${shown} in the container`, {
        cause: error,
      });
    case "ENOTDIR":
      return new SlipwayError("invalid_argument", `${shown}: not a directory`, { cause: error });
    case "ELOOP":
      return new SlipwayError("invalid_argument", `${shown}: too many levels of symbolic links`, {
        cause: error,
      });
    case "ENAMETOOLONG":
    case "EINVAL":
      return new SlipwayError("invalid_argument", `${shown}: no valid path`, { cause: error });
    default:
      return error;
  }
}
