import { AT_FDCWD, closeFd, O_DIRECTORY, O_RDONLY, openAt } from "../platform/fd.ts";
import { readDir } from "../platform/dir-at.ts";
import { openInside } from "./confined-directory.ts";
import { copyTree } from "../platform/copy-tree.ts";

/**
 * Fills an empty volume with what the container's root has at the mount's target, so that an image's data are there
 * when the volume covers them. Does nothing when the volume holds something or the target is no directory; links in
 * the image cannot lead out of `root`. True when something was copied.
 */
export async function copyUp(root: string, target: string, volume: string): Promise<boolean> {
  const to = openAt(AT_FDCWD, volume, O_RDONLY | O_DIRECTORY);
  try {
    if (readDir(to).length > 0) return false;
    const from = openInside(root, target);
    if (from === undefined) return false;
    try {
      await copyTree(from, to);
    } finally {
      closeFd(from);
    }
    return true;
  } finally {
    closeFd(to);
  }
}
