import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage, isCode } from "../../errors.ts";
import { detachMount } from "../../platform/mount.ts";
import type { TaskStatus } from "../../runtime/runtime.ts";
import { onExit, release, watchExit } from "./exit.ts";
import { startHealthChecks } from "./health.ts";
import { pathsOf, stdioOf, type ContainerHost } from "./host.ts";
import { isActive, type ContainerRecord } from "./record.ts";
import { finishRemoval, removeLocked } from "./remove.ts";
import { startsWithEngine } from "./restart-policy.ts";
import { startLocked } from "./start.ts";

/**
 * Brings the records and what really runs together, at the start of the engine: running containers are found again
 * and left alone, ends that nobody saw are recorded, half-done removals are finished, leftovers of a crash go, and
 * containers whose policy asks for it are started.
 */
export async function reconcile(host: ContainerHost): Promise<void> {
  await removeStrays(host);
  await Promise.all(host.store.all().map((record) => settleOne(host, record)));
}

async function settleOne(host: ContainerHost, record: ContainerRecord): Promise<void> {
  try {
    await host.locks.run(record.id, () => settleLocked(host, record));
  } catch (error) {
    host.warn(`Cannot settle container ${record.id}: ${errorMessage(error)}`);
  }
}

async function settleLocked(host: ContainerHost, record: ContainerRecord): Promise<void> {
  if (record.state.status === "removing") return await finishRemoval(host, record, { volumes: true });
  const status = await taskStatus(host, record.id);
  if (status === "running" || status === "paused") return await takeUp(host, record, status);
  const wasUp = isActive(record) || record.state.status === "restarting";
  if (status === "stopped" && wasUp) return await recordMissedEnd(host, record);
  await release(host, record, status === undefined ? undefined : await load(host, record));
  if (wasUp) recordLostEnd(host, record);
  if (wasUp && record.hostConfig.AutoRemove) return await removeLocked(host, record, { volumes: true });
  if (record.state.startedAt !== "0001-01-01T00:00:00Z" && startsWithEngine(record))
    await startLocked(host, record);
}

/** It ran all the time. */
async function takeUp(
  host: ContainerHost,
  record: ContainerRecord,
  status: "running" | "paused",
): Promise<void> {
  const task = await load(host, record);
  host.live.of(record.id).task = task;
  record.state = { ...record.state, status, pid: task.pid };
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

/** The machine went down under it: nothing tells how it ended. */
function recordLostEnd(host: ContainerHost, record: ContainerRecord): void {
  const finishedAt = new Date(host.now()).toISOString();
  record.state = { ...record.state, status: "exited", pid: 0, exitCode: 255, finishedAt };
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

/** Directories and mounts of containers that have no record: their creation, or removal, was cut short. */
async function removeStrays(host: ContainerHost): Promise<void> {
  const known = (id: string) => host.store.byId(id) !== undefined;
  const run = join(host.runDirectory, "containers");
  for (const id of await names(run)) {
    if (known(id)) continue;
    detachMount(join(run, id, "rootfs"));
    await rm(join(run, id), { recursive: true, force: true });
  }
  const directory = join(host.root, "containers");
  for (const id of await names(directory)) {
    if (!known(id)) await rm(join(directory, id), { recursive: true, force: true });
  }
  for await (const snapshot of host.snapshotter.list()) {
    const isContainer = /^[0-9a-f]{64}$/.test(snapshot.key) && snapshot.kind === "active";
    if (isContainer && !known(snapshot.key)) await host.snapshotter.remove(snapshot.key);
  }
}

async function names(directory: string): Promise<string[]> {
  return await readdir(directory).catch(() => []);
}
