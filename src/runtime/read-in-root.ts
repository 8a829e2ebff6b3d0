import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { errnoOf } from "../platform/syscall-error.ts";
import {
  AT_FDCWD,
  closeFd,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  openAt,
  openConfined,
  readAt,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
} from "../platform/fd.ts";

const CONFINED = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
const absent = ["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "EACCES"];

/**
 * The text of a regular file below `root`, as a process with that root would open it: links are followed, but never
 * out of the root. undefined when there is none, or no regular file; devices and pipes are not even opened. Longer than
 * `limit` bytes: the beginning.
 */
export function readInRoot(root: string, path: string, limit: number): string | undefined {
  return withFile(root, path, 0, (found) => {
    const stats = fstatSync(found);
    if (!stats.isFile()) return undefined;
    const fd = openAt(AT_FDCWD, `/proc/self/fd/${found}`, O_RDONLY);
    try {
      const buffer = Buffer.alloc(Math.min(stats.size, limit));
      return buffer.toString("utf8", 0, readAt(fd, buffer, 0));
    } finally {
      closeFd(fd);
    }
  });
}

/** Whether reading `path` below `root` would meet anything but a regular file or nothing. A link to nothing counts. */
export function isOddFile(root: string, path: string): boolean {
  const isThere = withFile(root, path, O_NOFOLLOW, () => true) === true;
  return isThere && withFile(root, path, 0, (fd) => fstatSync(fd).isFile()) !== true;
}

/** `work` with the file, opened for its name alone (O_PATH); undefined when there is none. */
function withFile<T>(root: string, path: string, flags: number, work: (fd: number) => T): T | undefined {
  const directory = openSync(root, constants.O_DIRECTORY);
  try {
    const fd = openConfined(directory, path, O_PATH | flags, CONFINED);
    try {
      return work(fd);
    } finally {
      closeFd(fd);
    }
  } catch (error) {
    if (absent.includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  } finally {
    closeSync(directory);
  }
}
