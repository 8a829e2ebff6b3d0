import { SlipwayError } from "../../errors.ts";
import { parseSignal } from "../../runtime/signals.ts";
import type { Task } from "../../runtime/runtime.ts";
import { onExit } from "./exit.ts";
import { publishEvent, type ContainerHost } from "./host.ts";
import { isActive, sharesProcesses, type ContainerRecord } from "./record.ts";

export interface StopOptions {
  /** seconds; -1: wait for ever; undefined: the container's own, or 10 */
  readonly timeout?: number | undefined;
  readonly signal?: string | undefined;
  /** It is started again: one that is removed at its end stays. */
  readonly keep?: boolean | undefined;
}

const SIGKILL = 9;

/**
 * Asks the process to end, kills it after the grace period, and settles its end. Throws `not_modified` when it does
 * not run. The caller holds the container's lock.
 */
export async function stopLocked(
  host: ContainerHost,
  record: ContainerRecord,
  options: StopOptions,
): Promise<void> {
  const live = host.live.of(record.id);
  if (record.state.status === "restarting") return cancelRestart(host, record);
  const task = live.task;
  if (!isActive(record) || task === undefined) {
    throw new SlipwayError("not_modified", `Container ${record.name} is already stopped`);
  }
  const signal = parseSignal(options.signal || record.config.StopSignal || "SIGTERM");
  record.state.stoppedByUser = true;
  if (record.state.status === "paused") await task.resume();
  await task.kill(signal);
  publishEvent(host, record, "kill", { signal: String(signal) });
  await settle(host, record, task, options);
  publishEvent(host, record, "stop");
}

function cancelRestart(host: ContainerHost, record: ContainerRecord): void {
  clearTimeout(host.live.of(record.id).restartTimer);
  record.state = { ...record.state, status: "exited", stoppedByUser: true };
  host.store.put(record);
  publishEvent(host, record, "stop");
}

/** Waits out the grace period, kills what is left, and does what the end of a container asks for. */
async function settle(
  host: ContainerHost,
  record: ContainerRecord,
  task: Task,
  options: StopOptions,
): Promise<void> {
  const timeout = options.timeout ?? record.config.StopTimeout ?? 10;
  const ended = task.wait();
  if (timeout >= 0 && !(await endsWithin(ended, timeout * 1000))) {
    await task.kill(SIGKILL, { all: sharesProcesses(record) });
    publishEvent(host, record, "kill", { signal: String(SIGKILL) });
  }
  await onExit(host, record, task, await ended, options.keep);
}

async function endsWithin(ended: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), milliseconds);
  try {
    return await Promise.race([ended.then(() => true), promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Sends a signal. Returns once it is sent; after SIGKILL once the container's end is settled, so that it can be removed
 * next, or after ten seconds. Throws `conflict` when the container does not run.
 */
export async function killContainer(
  host: ContainerHost,
  record: ContainerRecord,
  signalText: string,
): Promise<void> {
  const signal = parseSignal(signalText || "SIGKILL");
  const { task } = host.live.of(record.id);
  if (!isActive(record) || task === undefined) {
    throw new SlipwayError("conflict", `container ${record.id} is not running`);
  }
  // Only signals that end it mean that a person wanted it stopped.
  if (signal === SIGKILL || signal === parseSignal(record.config.StopSignal || "SIGTERM")) {
    record.state.stoppedByUser = true;
    host.store.put(record);
  }
  if (record.state.status === "paused" && signal === SIGKILL) await task.resume();
  const ended = signal === SIGKILL ? settledSoon(host, record) : undefined;
  await task.kill(signal);
  publishEvent(host, record, "kill", { signal: String(signal) });
  await ended;
}

/** Resolves when the container's end is settled, at the latest after ten seconds. */
async function settledSoon(host: ContainerHost, record: ContainerRecord): Promise<void> {
  await host.waiters.nextExit(record.id, AbortSignal.timeout(10_000)).catch(() => undefined);
}
