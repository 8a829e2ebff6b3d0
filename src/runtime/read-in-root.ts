import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { errnoOf } from "../platform/syscall-error.ts";
import { closeFd, openConfined, readAt, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from "../platform/fd.ts";

/**
 * The text of a regular file below `root`, as a process with that root would open it: links are followed, but never
 * out of the root. undefined when there is none, or no regular file. Longer than `limit` bytes: the beginning.
 */
export function readInRoot(root: string, path: string, limit: number): string | undefined {
  const directory = openSync(root, constants.O_DIRECTORY);
  try {
    // Without O_NONBLOCK a fifo of that name would hold us up.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    const fd = openConfined(directory, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) return undefined;
      const buffer = Buffer.alloc(Math.min(stats.size, limit));
      return buffer.toString("utf8", 0, readAt(fd, buffer, 0));
    } finally {
      closeFd(fd);
    }
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "EACCES"].includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  } finally {
    closeSync(directory);
  }
}
