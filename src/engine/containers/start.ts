import { mkdir } from "node:fs/promises";
import { CleanupStack } from "../../internal/cleanup-stack.ts";
import { errorMessage, SlipwayError } from "../../errors.ts";
import { mountAll, withOption } from "../../platform/mount-all.ts";
import type { Task } from "../../runtime/runtime.ts";
import { removeBundle, writeBundle } from "./bundle.ts";
import type { ContainerPaths } from "./document.ts";
import { watchExit } from "./exit.ts";
import { resetHealth, startHealthChecks } from "./health.ts";
import { pathsOf, publishEvent, stdioOf, traced, type ContainerHost } from "./host.ts";
import { linkedHosts } from "./links.ts";
import { connectNetworks, makeNamespace } from "./network.ts";
import { tellLinked, writeNetworkFiles } from "./network-files.ts";
import { isActive, type ContainerRecord } from "./record.ts";
import { removeLocked } from "./remove.ts";
import { shipLog } from "./ship-log.ts";
import { rootMounts } from "./root-mounts.ts";

/**
 * Starts a created or ended container. Whatever fails, nothing is left mounted or connected, and the record says
 * what it was. Throws `not_modified` when it runs. The caller holds the container's lock.
 */
export async function startLocked(
  host: ContainerHost,
  record: ContainerRecord,
  signal?: AbortSignal,
): Promise<void> {
  if (record.state.status === "paused") {
    throw new SlipwayError("conflict", "cannot start a paused container, try unpause instead");
  }
  if (isActive(record)) throw new SlipwayError("not_modified", `Container ${record.name} is already running`);
  if (record.state.status === "removing" || record.state.status === "dead") {
    throw new SlipwayError("conflict", "container is marked for removal and cannot be started");
  }
  clearTimeout(host.live.of(record.id).restartTimer);
  try {
    await launch(host, record, signal);
  } catch (error) {
    await recordFailure(host, record, error);
    throw error;
  }
}

async function launch(
  host: ContainerHost,
  record: ContainerRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  host.runtime.expectStart();
  const paths = pathsOf(host, record.id);
  linkedHosts(host, record, true);
  await using undo = new CleanupStack();
  const live = host.live.of(record.id);
  await mkdir(paths.rootfs, { recursive: true });
  undo.push(() => removeBundle(paths));
  const [, netns] = await settleBoth(
    traced(host, record, "mount", () => mountRoot(host, record, paths)),
    traced(host, record, "network namespace", () => makeNamespace(host, record, undo)),
  );
  await traced(host, record, "bundle", () => writeBundle(host, record, paths, netns));
  // The links come while the runtime makes the container: neither needs the other before the process starts.
  const [task] = await settleBoth(
    createTask(host, record, paths, { signal, undo }),
    traced(host, record, "network", () => connectNetworks(host, record, undo)),
  );
  if (Object.keys(record.endpoints).length > 0) await writeNetworkFiles(host, record, paths);
  await Promise.all([...live.attachOnStart].map((attach) => attach(task)));
  live.attachOnStart.clear();
  await traced(host, record, "runtime start", () => task.start({ signal }));
  undo.release();
  recordStart(host, record, task);
  await tellLinked(host, record);
}

async function createTask(
  host: ContainerHost,
  record: ContainerRecord,
  paths: ContainerPaths,
  { signal, undo }: { signal: AbortSignal | undefined; undo: CleanupStack },
): Promise<Task> {
  const task = await traced(host, record, "runtime create", () =>
    host.runtime.create(record.id, paths.bundle, stdioOf(record, paths), {
      signal,
      runtime: record.hostConfig.Runtime,
    }),
  );
  undo.push(() => task.delete());
  return task;
}

function recordStart(host: ContainerHost, record: ContainerRecord, task: Task): void {
  host.live.of(record.id).task = task;
  const startedAt = new Date(host.now()).toISOString();
  record.state = {
    ...record.state,
    status: "running",
    pid: task.pid,
    exitCode: 0,
    error: "",
    oomKilled: false,
    startedAt,
  };
  // `unless-stopped` must not forget that it was started again.
  const isNews = record.state.stoppedByUser;
  record.state.stoppedByUser = false;
  resetHealth(record);
  const write = () => (isNews ? host.store.put(record) : host.store.putState(record));
  traced(host, record, "record start", write);
  publishEvent(host, record, "start");
  watchExit(host, record, task);
  shipLog(host, record);
  startHealthChecks(host, record);
}

async function mountRoot(host: ContainerHost, record: ContainerRecord, paths: ContainerPaths) {
  const mounts = await rootMounts(host, record);
  // A container that is removed at its end needs no flush of its layer: unmounting is then quick.
  mountAll(record.hostConfig.AutoRemove ? withOption(mounts, "volatile") : mounts, paths.rootfs);
}

/** Waits for both also when one fails, so that what the other made is known to the undo stack. */
async function settleBoth<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === "rejected") throw a.reason;
  if (b.status === "rejected") throw b.reason;
  return [a.value, b.value];
}

/**
 * As in Docker, a failed start leaves the container as it was, with the reason and an exit code of 127, 126 or 128; one
 * that is removed at its end is removed, and who waits for its output waits no more.
 */
async function recordFailure(host: ContainerHost, record: ContainerRecord, error: unknown): Promise<void> {
  const { attachOnStart } = host.live.of(record.id);
  for (const attach of attachOnStart) void attach(undefined);
  attachOnStart.clear();
  const message = errorMessage(error);
  const missing = /executable file not found|no such file or directory/.test(message);
  const exitCode = missing ? 127 : /permission denied|is a directory/.test(message) ? 126 : 128;
  record.state = { ...record.state, error: message, exitCode, pid: 0 };
  if (record.state.status === "restarting") record.state.status = "exited";
  host.store.put(record);
  if (record.hostConfig.AutoRemove) await removeLocked(host, record, { force: true, volumes: true });
}
