/** The worker that measures, removes and flushes snapshot directories (one of `workerEntrypoints`). */
import { basename, dirname } from "node:path";
import { AT_FDCWD, closeFd, O_DIRECTORY, O_PATH, O_RDONLY, openAt, syncFileSystem } from "../platform/fd.ts";
import { copyTree } from "../platform/copy-tree.ts";
import { countEntries, finishDirectories } from "../platform/finish-directories.ts";
import { removeTreeAt } from "../platform/remove-tree.ts";
import { serveTasks } from "../platform/worker-serve.ts";
import type { CopyRequest, CountRequest, FinishRequest, SnapshotRequest } from "./snapshot-tasks.ts";
import { treeUsage } from "./tree-usage.ts";

serveTasks<SnapshotRequest | CopyRequest | FinishRequest | CountRequest>((request) => {
  switch (request.op) {
    case "copy":
      return opened(request, (from, to) => copyTree(from, to, request));
    case "finish":
      return opened(request, (from, to) => finishDirectories(from, to, request));
    case "count":
      return Promise.resolve(count(request));
    default:
      return Promise.resolve(run(request));
  }
});

function run(request: SnapshotRequest): unknown {
  if (request.op === "usage") return treeUsage(request.directory);
  if (request.op === "flush") return flush(request.directory);
  const parent = openAt(AT_FDCWD, dirname(request.directory), O_PATH | O_DIRECTORY);
  try {
    return removeTreeAt(parent, basename(request.directory));
  } finally {
    closeFd(parent);
  }
}

async function opened(
  { directory, to }: CopyRequest | FinishRequest,
  work: (from: number, to: number) => Promise<void> | void,
): Promise<void> {
  const source = openAt(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY);
  try {
    const target = openAt(AT_FDCWD, to, O_RDONLY | O_DIRECTORY);
    try {
      await work(source, target);
    } finally {
      closeFd(target);
    }
  } finally {
    closeFd(source);
  }
}

function count({ directory, limit }: CountRequest): number {
  const fd = openAt(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY);
  try {
    return countEntries(fd, limit);
  } finally {
    closeFd(fd);
  }
}

function flush(directory: string): void {
  const fd = openAt(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY);
  try {
    syncFileSystem(fd);
  } finally {
    closeFd(fd);
  }
}
