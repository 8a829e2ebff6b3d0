import type { ContainerHost } from "../host.ts";
import type { ContainerRecord } from "../record.ts";

/**
 * The container's processes stand still meanwhile; one that was paused already stays so. Should the engine be killed in
 * the middle, the next one lets them go on: the record does not say `paused`.
 */
export async function frozen<T>(
  host: ContainerHost,
  record: ContainerRecord,
  pause: boolean,
  work: () => Promise<T>,
): Promise<T> {
  const task = host.live.of(record.id).task;
  if (!pause || task === undefined || record.state.status !== "running") return await work();
  await task.pause();
  try {
    return await work();
  } finally {
    await task.resume();
  }
}
