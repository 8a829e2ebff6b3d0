import type { ContainerRecord } from "./record.ts";

const firstDelay = 100;
const longestDelay = 60_000;
/** A container that ran this long has recovered: its next restart is quick again. */
const steadyAfter = 10_000;

/** Whether the container is to be started again after `exitCode`. `stoppedByUser` never restarts. Pure. */
export function restarts(record: ContainerRecord, exitCode: number): boolean {
  if (record.state.stoppedByUser) return false;
  const { Name, MaximumRetryCount = 0 } = record.hostConfig.RestartPolicy ?? { Name: "no" };
  if (Name === "always" || Name === "unless-stopped") return true;
  if (Name !== "on-failure" || exitCode === 0) return false;
  return MaximumRetryCount === 0 || record.state.restartCount < MaximumRetryCount;
}

/** Milliseconds before the next start: 100, doubled each time, at most a minute, as in Docker. Pure. */
export function nextDelay(lastDelay: number, ranFor: number): number {
  if (lastDelay === 0 || ranFor >= steadyAfter) return firstDelay;
  return Math.min(lastDelay * 2, longestDelay);
}

/** Whether a start of the engine (after a boot, say) starts it: `unless-stopped` remembers a stop, `always` does not. */
export function startsWithEngine(record: ContainerRecord): boolean {
  const policy = record.hostConfig.RestartPolicy?.Name;
  return policy === "always" || (policy === "unless-stopped" && !record.state.stoppedByUser);
}
