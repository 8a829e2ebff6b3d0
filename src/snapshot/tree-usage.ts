import { readDir } from "../platform/dir-at.ts";
import { AT_FDCWD, closeFd, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, openAt } from "../platform/fd.ts";
import { isDirectory, S_IFMT, S_IFREG, statAt } from "../platform/stat.ts";
import type { Name } from "../platform/syscall-error.ts";
import type { Usage } from "./snapshotter.ts";

/** What the tree at `directory` takes on disk, itself included, as du(1) counts, and what is in its files. Synchronous. */
export function treeUsage(directory: string): Usage {
  const seen = new Set<string>();
  const total = { bytes: 0, contentBytes: 0, inodes: 0 };
  const add = (dir: number, name: Name): void => {
    const stat = statAt(dir, name);
    if (stat.nlink > 1 && !isDirectory(stat)) {
      const inode = `${stat.dev}:${stat.ino}`;
      if (seen.has(inode)) return;
      seen.add(inode);
    }
    total.bytes += stat.blocks * 512;
    total.inodes += 1;
    if ((stat.mode & S_IFMT) === S_IFREG) total.contentBytes += stat.size;
    if (!isDirectory(stat)) return;
    const fd = openAt(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      for (const child of readDir(fd)) add(fd, child);
    } finally {
      closeFd(fd);
    }
  };
  add(AT_FDCWD, directory);
  return total;
}
