import { copyAttributes, type CopyOptions } from "./copy-tree.ts";
import { dirEntries } from "./dir-at.ts";
import { closeFd, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, openAt } from "./fd.ts";
import { isDirectory, statAt } from "./stat.ts";
import type { Name } from "./syscall-error.ts";

/** What `copyTree` in shares leaves: the attributes of every directory, the deepest first, as making names in one changes its time. */
export function finishDirectories(from: number, to: number, options: CopyOptions): void {
  for (const name of subdirectories(from)) {
    const source = openAt(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      const target = openAt(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      try {
        finishDirectories(source, target, options);
      } finally {
        closeFd(target);
      }
    } finally {
      closeFd(source);
    }
  }
  copyAttributes(options, from, ".", to, ".", statAt(from, ""));
}

/** How many names lie below the open directory; no more than `limit` are counted. */
export function countEntries(fd: number, limit: number): number {
  let count = 0;
  for (const name of subdirectories(fd, () => (count += 1))) {
    if (count >= limit) return limit;
    const directory = openAt(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      count += countEntries(directory, limit - count);
    } finally {
      closeFd(directory);
    }
  }
  return Math.min(count, limit);
}

function subdirectories(fd: number, onEntry: () => void = () => undefined): Name[] {
  const found: Name[] = [];
  for (const { name, type } of dirEntries(fd)) {
    onEntry();
    if (type === "directory" || (type === "unknown" && isDirectory(statAt(fd, name)))) found.push(name);
  }
  return found;
}
