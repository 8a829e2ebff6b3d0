import { AT_FDCWD, closeFd, O_DIRECTORY, O_RDONLY, openAt } from "../platform/fd.ts";
import { readDir } from "../platform/dir-at.ts";
import { openInside } from "./confined-directory.ts";
import { copyTree } from "../platform/copy-tree.ts";
import { S_IFDIR, S_IFMT, statAt } from "../platform/stat.ts";

/** Copies a directory into an empty one, beside this thread. `TreeCopier` does. */
export interface Copier {
  copy(from: string, to: string): Promise<void>;
}

/** Starting a thread takes longer than copying so much. */
const fewEntries = 64;
const fewBytes = 4 * 1024 * 1024;

/**
 * Fills an empty volume with what the container's root has at the mount's target, so that an image's data are there
 * when the volume covers them. Does nothing when the volume holds something or the target is no directory; links in
 * the image cannot lead out of `root`. True when something was copied.
 */
export async function copyUp(root: string, target: string, volume: string, copier: Copier): Promise<boolean> {
  const to = openAt(AT_FDCWD, volume, O_RDONLY | O_DIRECTORY);
  try {
    if (readDir(to).length > 0) return false;
    const from = openInside(root, target);
    if (from === undefined) return false;
    try {
      if (isSmall(from)) await copyTree(from, to);
      else await copier.copy(`/proc/self/fd/${from}`, `/proc/self/fd/${to}`);
    } finally {
      closeFd(from);
    }
    return true;
  } finally {
    closeFd(to);
  }
}

/** Few files, and no directory among them. */
function isSmall(directory: number): boolean {
  // Reading moves the place in an open directory, and the copy wants it at the beginning.
  const again = openAt(directory, ".", O_RDONLY | O_DIRECTORY);
  try {
    const names = readDir(again);
    if (names.length > fewEntries) return false;
    const found = names.map((name) => statAt(directory, name));
    if (found.some(({ mode }) => (mode & S_IFMT) === S_IFDIR)) return false;
    return found.reduce((sum, { size }) => sum + Number(size), 0) <= fewBytes;
  } finally {
    closeFd(again);
  }
}
