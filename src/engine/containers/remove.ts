import { rm } from "node:fs/promises";
import { errorMessage, isCode, SlipwayError } from "../../errors.ts";
import type { Task } from "../../runtime/runtime.ts";
import type { MountPoint } from "../types/container.ts";
import { isPredefined } from "../../network/network-store.ts";
import { onExit, release } from "./exit.ts";
import { pathsOf, publishEvent, traced, type ContainerHost } from "./host.ts";
import { ownImageViews } from "./image-mounts.ts";
import { lastLinesShipped } from "./ship-log.ts";
import { isActive, sharesProcesses, volumeNames, type ContainerRecord } from "./record.ts";

export interface RemoveOptions {
  readonly force?: boolean | undefined;
  /** Also the anonymous volumes that nobody else uses. */
  readonly volumes?: boolean | undefined;
}

const SIGKILL = 9;

/**
 * Removes the container: record first marked, then files, then the record, so that a crash in between is finished by
 * the next start. Throws `conflict`, in Docker's words, while it runs and `force` is not set. The caller holds the
 * container's lock.
 */
export async function removeLocked(
  host: ContainerHost,
  record: ContainerRecord,
  o: RemoveOptions,
): Promise<void> {
  const live = host.live.of(record.id);
  if (isActive(record) || record.state.status === "restarting") await stopForRemoval(host, record, o);
  if (host.store.byId(record.id) === undefined) return;
  clearTimeout(live.restartTimer);
  record.state.status = "removing";
  // A removal with `-v` that failed is finished by one without.
  record.state.removesVolumes ||= o.volumes === true;
  host.store.put(record);
  await finishRemoval(host, record, { ...o, volumes: record.state.removesVolumes });
}

async function stopForRemoval(host: ContainerHost, record: ContainerRecord, o: RemoveOptions): Promise<void> {
  if (!o.force) {
    const { status } = record.state;
    const why =
      status === "paused"
        ? "paused and must be unpaused first"
        : `${status}: stop the container before removing or force remove`;
    throw new SlipwayError("conflict", `cannot remove container "/${record.name}": container is ${why}`);
  }
  const { task } = host.live.of(record.id);
  if (task === undefined) return;
  await killNow(host, record);
  await onExit(host, record, task, await task.wait());
}

/** Ends a running container, and its restarts. Does not wait; needs no lock. */
export async function killNow(host: ContainerHost, record: ContainerRecord): Promise<void> {
  record.state.stoppedByUser = true;
  const { task } = host.live.of(record.id);
  if (task === undefined) return;
  // It may have been killed a moment ago; that a living one stays frozen shows when it is waited for.
  if (record.state.status === "paused") await task.resume().catch(() => undefined);
  await task.kill(SIGKILL, { all: sharesProcesses(record) });
}

/** What a record marked `removing` still owns goes, then the record. Repeatable. */
export async function finishRemoval(
  host: ContainerHost,
  record: ContainerRecord,
  o: RemoveOptions,
): Promise<void> {
  await release(host, record);
  // Left by a start that an engine was killed in, when it could not be cleared away since.
  if (host.runtime.has(record.id)) await host.runtime.remove(record.id, pathsOf(host, record.id).bundle);
  await removeFiles(host, record);
  // Before the record: it alone says that they go.
  if (o.volumes) await removeAnonymousVolumes(host, record);
  host.store.deleteLazily(record);
  host.live.forget(record.id);
  publishEvent(host, record, "destroy");
  host.waiters.removed(record.id, { StatusCode: record.state.exitCode });
}

/**
 * Removes a container that has just ended and owns no volume: the record at once, so that nobody who asks waits for
 * the rest, which goes in the background. A crash in between leaves what no record names: the next start removes it.
 */
export function removeEnded(host: ContainerHost, record: ContainerRecord, task: Task): void {
  traced(host, record, "record end", () => host.store.delete(record));
  host.live.forget(record.id);
  publishEvent(host, record, "destroy");
  host.waiters.removed(record.id, { StatusCode: record.state.exitCode });
  const clear = async () => {
    await release(host, record, task);
    await removeFiles(host, record);
  };
  const cleared = () => traced(host, record, "clear away", clear);
  host.live.clearing.run(cleared, (error) =>
    host.warn(`Cannot clear away what container ${record.id} left: ${errorMessage(error)}`),
  );
}

/**
 * Whether nobody can miss what the container holds when it is gone but not yet cleared away: no volume goes with it,
 * no port of the host is its own, and no network of the user's waits to be removed.
 */
export function leavesQuietly(host: ContainerHost, record: ContainerRecord): boolean {
  const ownsVolumes = record.mounts.some(({ point }) => isOwned(host, point));
  const publishes = Object.values(record.endpoints).some(({ ports }) => ports.length > 0);
  const names = Object.keys(record.networks);
  return !ownsVolumes && !publishes && names.every((name) => isPredefined(name));
}

function isOwned(host: ContainerHost, { Type, Name }: MountPoint): boolean {
  return Type === "volume" && Name !== undefined && host.volumes.isAnonymous(Name);
}

async function removeFiles(host: ContainerHost, record: ContainerRecord): Promise<void> {
  await lastLinesShipped(host, record.id);
  for (const key of [record.id, ...ownImageViews(host, record)])
    await host.snapshotter.remove(key).catch(ignoreNotFound);
  await rm(pathsOf(host, record.id).directory, { recursive: true, force: true });
}

async function removeAnonymousVolumes(host: ContainerHost, record: ContainerRecord): Promise<void> {
  for (const { point } of record.mounts) {
    const { Name = "" } = point;
    if (!isOwned(host, point)) continue;
    const others = host.store.all().some((each) => each !== record && volumeNames(each).includes(Name));
    if (!others) await host.volumes.remove(Name).catch(ignoreNotFound);
  }
}

function ignoreNotFound(error: unknown): void {
  if (!isCode(error, "not_found")) throw error;
}
