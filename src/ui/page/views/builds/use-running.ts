import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useSignalEffect } from "@preact/signals";
import type { RunningBuild, RunningBuilds } from "../../../../engine/engine.ts";
import { useApp } from "../../app/app.ts";
import { streamLines } from "../../data/stream.ts";

/** The builds that run now. */
export function useRunning(): ReadonlySignal<readonly RunningBuild[]> {
  const { live } = useApp();
  const running = useSignal<readonly RunningBuild[]>([]);
  useSignalEffect(() => {
    const left = new AbortController();
    if (live.epoch.value > 0) void follow(running, left.signal);
    return () => left.abort();
  });
  return running;
}

async function follow(running: { value: readonly RunningBuild[] }, signal: AbortSignal): Promise<void> {
  try {
    const path = "/slipway/v1/builds/running";
    for await (const { running: now } of streamLines<RunningBuilds>(path, {}, signal)) running.value = now;
  } catch {
    // The line to the engine is lost: Live tells, and a new epoch begins anew.
    running.value = [];
  }
}
