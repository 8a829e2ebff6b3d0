/** The worker that measures and removes snapshot directories (one of `workerEntrypoints`). */
import { basename, dirname } from "node:path";
import { AT_FDCWD, closeFd, O_DIRECTORY, O_PATH, openAt } from "../platform/fd.ts";
import { removeTreeAt } from "../platform/remove-tree.ts";
import { serveTasks } from "../platform/worker-serve.ts";
import type { SnapshotRequest } from "./snapshot-tasks.ts";
import { treeUsage } from "./tree-usage.ts";

serveTasks<SnapshotRequest>((request) => Promise.resolve(run(request)));

function run(request: SnapshotRequest): unknown {
  if (request.op === "usage") return treeUsage(request.directory);
  const parent = openAt(AT_FDCWD, dirname(request.directory), O_PATH | O_DIRECTORY);
  try {
    return removeTreeAt(parent, basename(request.directory));
  } finally {
    closeFd(parent);
  }
}
