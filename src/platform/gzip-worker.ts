/** The worker that compresses pieces of layers (one of `workerEntrypoints`). */
import { gzip, type GzipRequest } from "./gzip.ts";
import { serveTasks } from "./worker-serve.ts";

serveTasks<GzipRequest>(async ({ bytes, level }, io) => await io.write(gzip(bytes, level)));
