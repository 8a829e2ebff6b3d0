/** The worker that packs and unpacks layers (one of `workerEntrypoints`). */
import { serveTasks } from "../platform/worker-serve.ts";
import { archiveTask } from "./archive-task.ts";
import { extractTask } from "./extract-task.ts";
import type { LayerRequest } from "./layer-tasks.ts";
import { listPath } from "./list-path.ts";
import { packTask } from "./pack-task.ts";
import { pathStat } from "./path-stat.ts";
import { treeChanges } from "./tree-changes.ts";
import { unpackArchiveTask, unpackTask } from "./unpack-task.ts";

serveTasks<LayerRequest>(async (request, io) => {
  switch (request.op) {
    case "unpack":
      return await unpackTask(request, io);
    case "unpackArchive":
      return await unpackArchiveTask(request, io);
    case "pack":
      return await packTask(request, io);
    case "archive":
      return await archiveTask(request, io);
    case "extract":
      return await extractTask(request, io.input);
    case "stat":
      return pathStat(request.root, request.path);
    case "list":
      return listPath(request.root, request.path, request.limit);
    case "changes":
      return treeChanges(request);
  }
});
