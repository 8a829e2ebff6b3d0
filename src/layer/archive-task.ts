import { SlipwayError } from "../errors.ts";
import { closeFd, O_DIRECTORY, O_NOFOLLOW, O_RDONLY, openAt } from "../platform/fd.ts";
import { isDirectory } from "../platform/stat.ts";
import type { TaskIo } from "../platform/worker-serve.ts";
import { gathered } from "./pack-task.ts";
import { findPath } from "./path-stat.ts";
import { TreePacker } from "./tree-packer.ts";
import type { ArchiveRequest } from "./tree-tasks.ts";

const BREATH = 64;

/** Runs on a worker: the tar of one path of a tree in use. Resolves to its size in bytes. */
export async function archiveTask(request: ArchiveRequest, io: TaskIo): Promise<number> {
  let size = 0;
  let count = 0;
  for (const chunk of gathered(archivePath(request.root, request.path, request.name))) {
    size += chunk.length;
    count += 1;
    if (count % BREATH === 0) await io.breathe();
    await io.write(chunk);
  }
  return size;
}

/**
 * The tar of what `path` names in the tree at `root`, entries called `name` (default: the path's last component; `/` for
 * the root; empty: what is below the directory, without itself). Throws as `findPath`. Synchronous; a yielded chunk is good until the next is asked for.
 */
export function* archivePath(root: string, path: string, name?: string): Generator<Uint8Array, void, void> {
  using found = findPath(root, path);
  const packer = new TreePacker(undefined);
  const called = name ?? found.name;
  if (!isDirectory(found.stat)) {
    if (called === "/") throw new SlipwayError("invalid_argument", "A file cannot be archived as the root");
    yield* packer.packName(found.dir, found.base, called);
    return;
  }
  const fd = openAt(found.dir, found.base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    yield* called === "" ? packer.packChildren(fd) : packer.packName(fd, ".", called);
  } finally {
    closeFd(fd);
  }
}
