import { errorMessage, isCode } from "../../errors.ts";
import type { TaskStatus } from "../../runtime/runtime.ts";
import { onExit, release, watchExit } from "./exit.ts";
import { startHealthChecks } from "./health.ts";
import { pathsOf, stdioOf, type ContainerHost } from "./host.ts";
import { isActive, neverTime, type ContainerRecord } from "./record.ts";
import { finishRemoval, removeLocked } from "./remove.ts";
import { restarts, startsWithEngine } from "./restart-policy.ts";
import { startLocked } from "./start.ts";
import { shipLog } from "./ship-log.ts";
import { removeStrays } from "./strays.ts";

/**
 * Brings the records and what really runs together, at the start of the engine: running containers are found again
 * and left alone, ends that nobody saw are recorded, half-done removals are finished, leftovers of a crash go. Resolves
 * to the containers whose policy asks for a start, in the order to start them.
 */
export async function reconcile(host: ContainerHost): Promise<ContainerRecord[]> {
  await removeStrays(host);
  const tasks = new Set(await host.runtime.list());
  const settled = await Promise.all(host.store.all().map((record) => settleOne(host, record, tasks)));
  const sharesNetwork = (record: ContainerRecord) =>
    record.hostConfig.NetworkMode?.startsWith("container:") === true;
  const due = settled.filter((record) => record !== undefined);
  return due.toSorted((a, b) => Number(sharesNetwork(a)) - Number(sharesNetwork(b)));
}

/** Starts what {@link reconcile} found due, one after the other. Never throws: the records say what went wrong. */
export async function startDue(host: ContainerHost, due: readonly ContainerRecord[]): Promise<void> {
  for (const record of due) {
    const start = async () => {
      const isDue = host.store.byId(record.id) === record && !isActive(record);
      if (isDue) await startLocked(host, record);
    };
    await host.locks
      .run(record.id, start)
      .catch((error: unknown) => host.warn(`Cannot start container ${record.id}: ${errorMessage(error)}`));
  }
}

/** The record, when it is to be started. */
async function settleOne(
  host: ContainerHost,
  record: ContainerRecord,
  tasks: ReadonlySet<string>,
): Promise<ContainerRecord | undefined> {
  const settle = async () => {
    const isDue = await settleLocked(host, record, tasks.has(record.id));
    // What an ended one wrote while no engine ran is still to be sent.
    if (host.store.byId(record.id) === record) shipLog(host, record);
    return isDue;
  };
  try {
    return (await host.locks.run(record.id, settle)) ? record : undefined;
  } catch (error) {
    host.warn(`Cannot settle container ${record.id}: ${errorMessage(error)}`);
    return undefined;
  }
}

/** Whether it is to be started. */
async function settleLocked(
  host: ContainerHost,
  record: ContainerRecord,
  hasTask: boolean,
): Promise<boolean> {
  if (record.state.status === "removing") {
    await finishRemoval(host, record, {
      volumes: record.hostConfig.AutoRemove === true || record.state.removesVolumes === true,
    });
    return false;
  }
  if (record.pending === true) {
    await removeLocked(host, record, { force: true, volumes: true });
    return false;
  }
  const wasUp = isActive(record);
  const status = hasTask ? await taskStatus(host, record.id) : undefined;
  if (wasUp && (status === "running" || status === "paused")) await takeUp(host, record, status);
  else if (wasUp && status === "stopped") await recordMissedEnd(host, record);
  else return await settleDown(host, record, hasTask);
  return false;
}

/** No process of it runs that anybody was told of. */
async function settleDown(host: ContainerHost, record: ContainerRecord, hasTask: boolean): Promise<boolean> {
  const { status } = record.state;
  if (hasTask) await host.runtime.remove(record.id, pathsOf(host, record.id).bundle);
  await release(host, record);
  const wasUp = isActive(record);
  if (wasUp || status === "restarting") recordLostEnd(host, record);
  if (wasUp && record.hostConfig.AutoRemove) {
    await removeLocked(host, record, { volumes: true });
    return false;
  }
  const goesOn = (wasUp || status === "restarting") && restarts(record, record.state.exitCode);
  return goesOn || (record.state.startedAt !== neverTime && startsWithEngine(record));
}

/** It ran all the time. */
async function takeUp(
  host: ContainerHost,
  record: ContainerRecord,
  status: "running" | "paused",
): Promise<void> {
  const task = await load(host, record);
  host.live.of(record.id).task = task;
  // Nobody asked for a pause: the engine was killed while it had them stand still.
  const isFrozen = status === "paused" && record.state.status === "running";
  if (isFrozen) await task.resume();
  record.state = { ...record.state, status: isFrozen ? "running" : status, pid: task.pid };
  host.store.put(record);
  watchExit(host, record, task);
  startHealthChecks(host, record);
}

/** It ended while no engine ran: its exit code is known. */
async function recordMissedEnd(host: ContainerHost, record: ContainerRecord): Promise<void> {
  const task = await load(host, record);
  host.live.of(record.id).task = task;
  await onExit(host, record, task, await task.wait());
}

/** The machine went down under it: nothing tells how it ended. One that waited for its restart has ended before. */
function recordLostEnd(host: ContainerHost, record: ContainerRecord): void {
  const lost = { exitCode: 255, finishedAt: new Date(host.now()).toISOString() };
  record.state = { ...record.state, ...(isActive(record) ? lost : {}), status: "exited", pid: 0 };
  host.store.put(record);
}

async function taskStatus(host: ContainerHost, id: string): Promise<TaskStatus | undefined> {
  try {
    return await host.runtime.status(id);
  } catch (error) {
    if (isCode(error, "not_found")) return undefined;
    throw error;
  }
}

function load(host: ContainerHost, record: ContainerRecord) {
  const paths = pathsOf(host, record.id);
  return host.runtime.load(record.id, paths.bundle, stdioOf(record, paths));
}
