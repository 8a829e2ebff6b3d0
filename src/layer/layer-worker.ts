/** The worker that packs and unpacks layers (one of `workerEntrypoints`). */
import { serveTasks } from "../platform/worker-serve.ts";
import type { LayerRequest } from "./layer-tasks.ts";
import { packTask } from "./pack-task.ts";
import { unpackTask } from "./unpack-task.ts";

serveTasks<LayerRequest>((request, io) =>
  request.op === "unpack" ? unpackTask(request, io.input) : packTask(request, io),
);
