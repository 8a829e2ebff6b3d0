import { decodeBytes } from "../internal/byte-string.ts";
import { readDir, readLinkAt } from "../platform/dir-at.ts";
import { closeFd, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, openAt } from "../platform/fd.ts";
import { S_IFLNK, S_IFMT, statAtIfAny } from "../platform/stat.ts";
import { findPath } from "./path-stat.ts";
import type { ListedName, PathList } from "./tree-tasks.ts";

/**
 * The names in a directory of the tree at `root`, as many as `limit`; links on the way stay in the tree, and a link in
 * the last component is followed. Throws `not_found`; `invalid_argument` for what is no directory. Synchronous.
 */
export function listPath(root: string, path: string, limit: number): PathList {
  using found = findPath(root, `${path}/`);
  const dir = openAt(found.dir, found.base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const names = readDir(dir);
    const shown = names.slice(0, limit).flatMap((name) => listedName(dir, name));
    return { path: found.path, names: shown, total: names.length };
  } finally {
    closeFd(dir);
  }
}

/** Nothing when it is gone meanwhile. */
function listedName(dir: number, name: Uint8Array): ListedName[] {
  const stat = statAtIfAny(dir, name);
  if (stat === undefined) return [];
  const isLink = (stat.mode & S_IFMT) === S_IFLNK;
  return [
    {
      name: decodeBytes(name),
      size: stat.size,
      mode: stat.mode,
      uid: stat.uid,
      gid: stat.gid,
      mtime: Number(stat.mtime / 1_000_000n),
      target: isLink ? decodeBytes(readLinkAt(dir, name)) : "",
    },
  ];
}
