/** Removal of whole trees by open directories: no symbolic link is followed and no mount is entered. */
import {
  closeFd,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openConfined,
  RESOLVE_BENEATH,
  RESOLVE_NO_XDEV,
} from "./fd.ts";
import { readDir, removeDirAt, renameAt, unlinkAt } from "./dir-at.ts";
import { errnoOf, type Name } from "./syscall-error.ts";

/** Deeper directories are moved up first, so that the depth of a tree costs no open files. */
const MAX_DEPTH = 48;

/**
 * Removes `name` in the directory `dir`, whatever it is. Nothing there is no error. Throws a `SyscallError`: EXDEV
 * where something is mounted below.
 */
export function removeTreeAt(dir: number, name: Name): void {
  try {
    unlinkAt(dir, name);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    if (errnoOf(error) !== "EISDIR" && errnoOf(error) !== "EPERM") throw error;
    removeDirectory({ top: dir, moved: 0 }, dir, name, 0);
  }
}

interface Removal {
  /** the directory that deep ones are moved to */
  readonly top: number;
  moved: number;
}

function removeDirectory(removal: Removal, dir: number, name: Name, depth: number): void {
  if (depth > MAX_DEPTH) {
    removal.moved += 1;
    const lifted = `.removing-${process.pid}-${removal.moved}`;
    renameAt(dir, name, removal.top, lifted);
    removeDirectory(removal, removal.top, lifted, 0);
    return;
  }
  const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
  const fd = openConfined(dir, name, flags, RESOLVE_BENEATH | RESOLVE_NO_XDEV);
  try {
    for (const child of readDir(fd)) removeChild(removal, fd, child, depth);
  } finally {
    closeFd(fd);
  }
  removeDirAt(dir, name);
}

function removeChild(removal: Removal, fd: number, child: Uint8Array, depth: number): void {
  try {
    unlinkAt(fd, child);
  } catch (error) {
    if (errnoOf(error) !== "EISDIR") throw error;
    removeDirectory(removal, fd, child, depth + 1);
  }
}
