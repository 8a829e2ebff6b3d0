import { errorMessage } from "../../errors.ts";
import type { ExitStatus, Task } from "../../runtime/runtime.ts";
import { removeBundle } from "./bundle.ts";
import { pathsOf, publishEvent, traced, type ContainerHost } from "./host.ts";
import { closeVolumes } from "./create/mount-options.ts";
import { disconnectNetworks } from "./network.ts";
import type { ContainerRecord } from "./record.ts";
import { leavesQuietly, removeEnded, removeLocked } from "./remove.ts";
import { nextDelay, restarts } from "./restart-policy.ts";
import { startLocked } from "./start.ts";

/** Settles the container when its process ends: record, network, mounts, then restart or removal. */
export function watchExit(host: ContainerHost, record: ContainerRecord, task: Task): void {
  const { closed } = host.live;
  task
    .wait({ signal: closed })
    .then((status) => host.locks.run(record.id, () => onExit(host, record, task, status)))
    .catch((error: unknown) => {
      if (closed.aborted) return;
      host.warn(`Cannot settle the end of container ${record.id}: ${errorMessage(error)}`);
    });
}

/**
 * The caller holds the container's lock. An end that was settled already is passed over. `keep`: a container that is
 * removed at its end stays this time, as it is to be started again.
 */
export async function onExit(
  host: ContainerHost,
  record: ContainerRecord,
  task: Task,
  status: ExitStatus,
  keep = false,
): Promise<void> {
  if (host.store.byId(record.id) === undefined) return;
  const live = host.live.of(record.id);
  if (live.task !== task) return;
  live.task = undefined;
  live.stopHealth?.();
  live.stopHealth = undefined;
  const again = restarts(record, status.exitCode);
  const goes = record.hostConfig.AutoRemove === true && !keep && !again;
  if (goes && leavesQuietly(host, record)) {
    setEnd(host, record, status, false);
    return removeEnded(host, record, task);
  }
  await traced(host, record, "release", () => release(host, record, task));
  setEnd(host, record, status, again);
  // `unless-stopped` must not forget that somebody stopped it.
  if (record.state.stoppedByUser) host.store.put(record);
  else host.store.putState(record);
  host.waiters.exited(record.id, { StatusCode: status.exitCode });
  if (again) return scheduleRestart(host, record, status);
  if (goes) await removeLocked(host, record, { volumes: true, force: true });
}

/** Gives back what a running container holds. Each step is idempotent: a start after a crash repeats it. */
export async function release(host: ContainerHost, record: ContainerRecord, task?: Task): Promise<void> {
  const paths = pathsOf(host, record.id);
  await Promise.all([disconnectNetworks(host, record), task?.delete()]);
  await removeBundle(paths);
  await closeVolumes(host, record);
}

/** Changes the record, and tells of it; does not write it. */
function setEnd(host: ContainerHost, record: ContainerRecord, status: ExitStatus, again: boolean): void {
  record.state = {
    ...record.state,
    status: again ? "restarting" : "exited",
    pid: 0,
    exitCode: status.exitCode,
    oomKilled: status.oomKilled,
    finishedAt: status.exitedAt.toISOString(),
  };
  if (status.oomKilled) publishEvent(host, record, "oom");
  const ran = Math.max(0, status.exitedAt.getTime() - Date.parse(record.state.startedAt));
  publishEvent(host, record, "die", {
    exitCode: String(status.exitCode),
    execDuration: String(Math.floor(ran / 1000)),
  });
}

function scheduleRestart(host: ContainerHost, record: ContainerRecord, status: ExitStatus): void {
  const live = host.live.of(record.id);
  const ranFor = status.exitedAt.getTime() - Date.parse(record.state.startedAt);
  live.restartDelay = nextDelay(live.restartDelay, ranFor);
  live.restartTimer = setTimeout(() => {
    host.locks
      .run(record.id, async () => {
        if (record.state.status !== "restarting") return;
        record.state.restartCount += 1;
        await startLocked(host, record);
      })
      .catch((error: unknown) => host.warn(`Cannot restart container ${record.id}: ${errorMessage(error)}`));
  }, live.restartDelay);
}
