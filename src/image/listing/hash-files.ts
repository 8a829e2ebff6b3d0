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
import { errnoOf } from "../../platform/syscall-error.ts";
import { SlipwayError } from "../../errors.ts";

const CHUNK = 1 << 18;

/** The sha256 (hex) of each of the files of the layer in `directories` (top first), in the order of `paths`. Synchronous: for a worker. */
export function* hashFiles(
  directories: readonly string[],
  paths: readonly string[],
): Generator<string, void, void> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  const roots: number[] = [];
  try {
    for (const each of directories) roots.push(openAt(AT_FDCWD, each, O_PATH | O_DIRECTORY));
    for (const path of paths) {
      const fd = openFirst(roots, path);
      try {
        yield hashOf(fd, buffer);
      } finally {
        closeFd(fd);
      }
    }
  } finally {
    for (const root of roots) closeFd(root);
  }
}

function openFirst(roots: readonly number[], path: string): number {
  for (const [at, root] of roots.entries()) {
    try {
      return openConfined(root, path, O_RDONLY | O_NOFOLLOW, RESOLVE_BENEATH);
    } catch (error) {
      if (at === roots.length - 1 || errnoOf(error) !== "ENOENT") throw error;
    }
  }
  throw new SlipwayError("internal", "A layer without directories");
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
