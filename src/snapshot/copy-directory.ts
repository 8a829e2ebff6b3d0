import { availableParallelism } from "node:os";
import type { WorkerPool } from "../platform/worker.ts";
import type { CopyRequest, CountRequest, FinishRequest } from "./snapshot-tasks.ts";

/** From so many names on it pays to wake further workers: making files keeps the kernel busy, not the disk. */
const many = 400;
const mostWorkers = 4;

/**
 * Copies all in `directory` into the empty directory `to`, by several workers when there is much. Nobody may write to it
 * meanwhile: the workers must see the same names. What cannot be copied makes it throw when every worker has stopped.
 */
export async function copyDirectory(
  workers: WorkerPool,
  request: Pick<CopyRequest, "directory" | "to" | "overlayMarks">,
): Promise<void> {
  const { directory } = request;
  const count = await workers.run<number>({ op: "count", directory, limit: many } satisfies CountRequest);
  const of = count < many ? 1 : Math.min(availableParallelism(), mostWorkers);
  if (of === 1) return await workers.run({ ...request, op: "copy" } satisfies CopyRequest);
  const shares = Array.from({ length: of }, (_, index) =>
    workers.run({ ...request, op: "copy", share: { index, of } } satisfies CopyRequest),
  );
  for (const share of await Promise.allSettled(shares)) if (share.status === "rejected") throw share.reason;
  await workers.run({ ...request, op: "finish" } satisfies FinishRequest);
}
