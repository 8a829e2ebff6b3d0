import { useSignal, useSignalEffect, type Signal } from "@preact/signals";
import type { BuildReport, WatchedEvent } from "../../../../engine/engine.ts";
import { useApp } from "../../app/app.ts";
import { ApiError, getJson } from "../../data/api.ts";
import { streamLines } from "../../data/stream.ts";
import { BuildModel, modelOfRecord } from "./build-model.ts";

/** A build as it is known now. */
export interface ShownBuild {
  readonly model: BuildModel;
  /** Once it has ended. */
  readonly report: BuildReport | undefined;
}

export interface BuildState {
  /** A new object whenever something changed. */
  readonly build: Signal<ShownBuild | undefined>;
  readonly error: Signal<unknown>;
}

/** Follows a build that runs, or reads one that has ended. */
export function useBuild(id: string): BuildState {
  const { live } = useApp();
  const [build, error] = [useSignal<ShownBuild | undefined>(undefined), useSignal<unknown>(undefined)];
  useSignalEffect(() => {
    const left = new AbortController();
    if (live.epoch.value > 0) {
      follow(id, build, left.signal).then(
        () => (error.value = undefined),
        (reason: unknown) => !left.signal.aborted && (error.value = reason),
      );
    }
    return () => left.abort();
  });
  return { build, error };
}

async function follow(id: string, build: BuildState["build"], signal: AbortSignal): Promise<void> {
  const model = new BuildModel();
  let isDrawn = false;
  const draw = () => {
    isDrawn = false;
    if (!signal.aborted) build.value = { model, report: build.value?.report };
  };
  try {
    for await (const event of streamLines<WatchedEvent>("/slipway/v1/builds/events", { id }, signal)) {
      model.see(event);
      if (!isDrawn) requestAnimationFrame(draw);
      isDrawn = true;
    }
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
  const report = await getJson<BuildReport>("/slipway/v1/builds/inspect", { query: { id }, signal });
  build.value = {
    model: model.steps.size > 0 || report.steps.length === 0 ? model : modelOfRecord(report),
    report,
  };
}
