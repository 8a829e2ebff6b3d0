import { errorMessage } from "../../errors.ts";
import type { HealthConfig } from "../../oci/image-config.ts";
import type { HealthLogEntry } from "../types/container.ts";
import { runProbe } from "./exec-probe.ts";
import { publishEvent, type ContainerHost } from "./host.ts";
import { isActive, type ContainerRecord } from "./record.ts";
import { startLocked } from "./start.ts";
import { stopLocked } from "./stop.ts";

const kept = 5;
const outputLimit = 4096;
const milliseconds = (nanoseconds: number | undefined, otherwise: number) =>
  nanoseconds ? nanoseconds / 1e6 : otherwise;

interface Timing {
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}

/** Docker's defaults: 30 s between checks, 30 s for one, no start period (checked every 5 s), 3 failures in a row. */
function timingOf(check: HealthConfig): Timing {
  return {
    interval: milliseconds(check.Interval, 30_000),
    timeout: milliseconds(check.Timeout, 30_000),
    startPeriod: milliseconds(check.StartPeriod, 0),
    startInterval: milliseconds(check.StartInterval, 5000),
    retries: check.Retries || 3,
  };
}

/** The command of a check; undefined when there is none to run. `CMD-SHELL` uses the image's shell. Pure. */
export function probeCommand(record: ContainerRecord): string[] | undefined {
  const [kind, ...rest] = record.config.Healthcheck?.Test ?? [];
  if (kind === "CMD") return rest;
  if (kind !== "CMD-SHELL") return undefined;
  return [...(record.config.Shell ?? ["/bin/sh", "-c"]), rest.join(" ")];
}

/** A container that has a check begins without a verdict. Changes the record, and does not write it. */
export function resetHealth(record: ContainerRecord): void {
  if (probeCommand(record) === undefined) delete record.health;
  else record.health = { Status: "starting", FailingStreak: 0, Log: [] };
}

/** Checks the container's health until it ends, when it has a check. */
export function startHealthChecks(host: ContainerHost, record: ContainerRecord): void {
  const command = probeCommand(record);
  if (command === undefined || record.config.Healthcheck == null) return;
  const timing = timingOf(record.config.Healthcheck);
  const stopped = new AbortController();
  const live = host.live.of(record.id);
  live.stopHealth?.();
  live.stopHealth = () => stopped.abort();
  checkUntilStopped(host, record, command, timing, stopped.signal).catch((error: unknown) => {
    if (!stopped.signal.aborted)
      host.warn(`Health checks of container ${record.id} ended: ${errorMessage(error)}`);
  });
}

async function checkUntilStopped(
  host: ContainerHost,
  record: ContainerRecord,
  command: string[],
  timing: Timing,
  stopped: AbortSignal,
): Promise<void> {
  const began = host.now();
  const starting = () => record.health?.Status === "starting" && host.now() - began < timing.startPeriod;
  while (!stopped.aborted) {
    await pause(starting() ? timing.startInterval : timing.interval, stopped);
    if (stopped.aborted || record.state.status === "paused") continue;
    const entry = await checkOnce(host, record, command, timing.timeout);
    if (!stopped.aborted) note(host, record, entry, timing, starting());
  }
}

async function checkOnce(
  host: ContainerHost,
  record: ContainerRecord,
  command: string[],
  timeout: number,
): Promise<HealthLogEntry> {
  const Start = new Date(host.now()).toISOString();
  const { exitCode, output } = await runProbe(host, record, command, timeout, outputLimit);
  return { Start, End: new Date(host.now()).toISOString(), ExitCode: exitCode, Output: output };
}

/** Failures during the start period do not count. */
function note(
  host: ContainerHost,
  record: ContainerRecord,
  entry: HealthLogEntry,
  timing: Timing,
  lenient: boolean,
): void {
  const health = record.health;
  if (health === undefined) return;
  const before = health.Status;
  health.Log = [...health.Log, entry].slice(-kept);
  if (entry.ExitCode === 0) {
    health.FailingStreak = 0;
    health.Status = "healthy";
  } else if (!lenient) {
    health.FailingStreak += 1;
    if (health.FailingStreak >= timing.retries) health.Status = "unhealthy";
  }
  host.store.put(record);
  if (health.Status === before) return;
  publishEvent(host, record, `health_status: ${health.Status}`);
  host.waiters.healthChanged(record.id);
  if (health.Status === "unhealthy" && record.hostConfig.RestartUnhealthy) restartUnhealthy(host, record);
}

/** `--restart-unhealthy`. A stop that came first wins. */
function restartUnhealthy(host: ContainerHost, record: ContainerRecord): void {
  const restart = async () => {
    if (!isActive(record) || record.health?.Status !== "unhealthy") return;
    await stopLocked(host, record, { keep: true });
    record.state.restartCount += 1;
    await startLocked(host, record);
    publishEvent(host, record, "restart");
  };
  host.locks
    .run(record.id, restart)
    .catch((error: unknown) =>
      host.warn(`Cannot restart unhealthy container ${record.id}: ${errorMessage(error)}`),
    );
}

function pause(duration: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, duration);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
