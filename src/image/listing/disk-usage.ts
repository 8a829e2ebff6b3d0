import { decodeBytes } from "../../internal/byte-string.ts";
import { readDir } from "../../platform/dir-at.ts";
import { AT_FDCWD, closeFd, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, openAt } from "../../platform/fd.ts";
import { isDirectory, statAtIfAny, type FileStat } from "../../platform/stat.ts";
import type { Name } from "../../platform/syscall-error.ts";
import { errnoOf } from "../../platform/syscall-error.ts";

/** What lies below one path of a tree: bytes allocated on disk, and how many inodes. */
export interface DiskBucket {
  /** from the root, `""` for the root itself */
  readonly path: string;
  bytes: number;
  inodes: number;
}

/** How many parts of a path tell buckets apart, by its first part; 2 for others. */
export type BucketDepths = Readonly<Record<string, number>>;

/**
 * Everything below `root`, itself included, exactly as du(1) counts: blocks of each inode, each inode once. A file of
 * several names belongs to the one that is met first. What goes away meanwhile is left out. Synchronous: for a worker;
 * yields now and then so that the caller can breathe.
 */
export function* diskUsage(root: string, depths: BucketDepths): Generator<undefined, DiskBucket[], void> {
  const buckets = new Map<string, DiskBucket>();
  const seen = new Set<string>();
  function* add(dir: number, name: Name, parts: readonly string[]): Generator<undefined, void, void> {
    const stat = statAtIfAny(dir, name);
    if (stat === undefined || isCounted(stat, seen)) return;
    const depth = depths[parts[0] ?? ""] ?? 2;
    const path = parts.slice(0, depth).join("/");
    const bucket = buckets.get(path) ?? { path, bytes: 0, inodes: 0 };
    buckets.set(path, bucket);
    bucket.bytes += stat.blocks * 512;
    bucket.inodes += 1;
    yield;
    if (!isDirectory(stat)) return;
    const fd = ifThere(() => openAt(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    if (fd === undefined) return;
    try {
      for (const child of ifThere(() => readDir(fd)) ?? []) {
        yield* add(fd, child, parts.length < depth ? [...parts, decodeBytes(child)] : parts);
      }
    } finally {
      closeFd(fd);
    }
  }
  yield* add(AT_FDCWD, root, []);
  return [...buckets.values()];
}

function isCounted(stat: FileStat, seen: Set<string>): boolean {
  if (stat.nlink < 2 || isDirectory(stat)) return false;
  const inode = `${stat.dev}:${stat.ino}`;
  if (seen.has(inode)) return true;
  seen.add(inode);
  return false;
}

/** Undefined for what was removed in the meantime: also the names in an open directory then cannot be read. */
function ifThere<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
