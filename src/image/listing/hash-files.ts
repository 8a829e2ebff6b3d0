import { createHash } from "node:crypto";
import {
  AT_FDCWD,
  closeFd,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  openAt,
  openConfined,
  readAt,
  RESOLVE_BENEATH,
} from "../../platform/fd.ts";

const CHUNK = 1 << 18;

/** The sha256 (hex) of each of the files below `directory`, in the order of `paths`. Synchronous: for a worker. */
export function* hashFiles(directory: string, paths: readonly string[]): Generator<string, void, void> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  const root = openAt(AT_FDCWD, directory, O_PATH | O_DIRECTORY);
  try {
    for (const path of paths) {
      const fd = openConfined(root, path, O_RDONLY | O_NOFOLLOW, RESOLVE_BENEATH);
      try {
        yield hashOf(fd, buffer);
      } finally {
        closeFd(fd);
      }
    }
  } finally {
    closeFd(root);
  }
}

function hashOf(fd: number, buffer: Buffer): string {
  const hash = createHash("sha256");
  for (let at = 0; ;) {
    const count = readAt(fd, buffer, at);
    if (count === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, count));
    at += count;
  }
}
