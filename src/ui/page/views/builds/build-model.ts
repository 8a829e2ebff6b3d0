import type { BuildReport, WatchedEvent } from "../../../../engine/engine.ts";
import { plainText } from "../../parts/ansi.ts";
import { LogBuffer } from "../../parts/log-buffer.ts";

export type StepState = "waiting" | "running" | "hit" | "done" | "failed" | "skipped";

/** A step as the page shows it. Times in ms since the epoch. */
export interface Step {
  readonly id: string;
  readonly name: string;
  readonly line: number | undefined;
  /** IDs of the steps it waits for */
  readonly inputs: readonly string[];
  state: StepState;
  startedAt: number | undefined;
  endedAt: number | undefined;
  causes: readonly string[];
  error: string | undefined;
  progress: string;
  readonly log: LogBuffer;
}

/** A build out of what it tells. */
export class BuildModel {
  readonly steps = new Map<string, Step>();
  readonly warnings: string[] = [];
  startedAt: number | undefined;
  endedAt: number | undefined;
  outcome: "running" | "done" | "failed" | "cancelled" = "running";
  error: string | undefined;
  imageID: string | undefined;

  see(event: WatchedEvent): void {
    switch (event.type) {
      case "vertex":
        if (!this.steps.has(event.id))
          this.steps.set(event.id, newStep(event.id, event.name, event.line, event.inputs));
        break;
      case "started":
        this.#start(event.id, event.at);
        break;
      case "completed":
        this.#complete(event);
        break;
      case "log":
        this.steps.get(event.id)?.log.add(event.data, event.stream === "stderr");
        break;
      case "progress":
        this.#progress(event);
        break;
      case "warning":
        this.warnings.push(event.line === undefined ? event.text : `line ${event.line}: ${event.text}`);
        break;
      case "image":
        this.imageID = event.id;
        break;
      case "ended":
        this.#end(event);
        break;
      case "debug":
      case "answer":
      case "instructions":
        break;
    }
  }

  #start(id: string, at: number): void {
    const step = this.steps.get(id);
    if (step === undefined) return;
    step.state = "running";
    step.startedAt ??= at;
    this.startedAt = Math.min(this.startedAt ?? at, at);
  }

  #complete({ id, at, cached, error, causes = [] }: Extract<WatchedEvent, { type: "completed" }>): void {
    const step = this.steps.get(id);
    if (step === undefined) return;
    step.log.finish();
    Object.assign(step, {
      state: error !== undefined ? "failed" : cached ? "hit" : "done",
      endedAt: at,
      causes,
      error,
    });
    this.startedAt ??= at;
  }

  #progress({ id, text, current, total }: Extract<WatchedEvent, { type: "progress" }>): void {
    const step = this.steps.get(id);
    if (step === undefined) return;
    const part =
      current !== undefined && total !== undefined && total > 0
        ? ` ${Math.round((100 * current) / total)} %`
        : "";
    step.progress = `${text}${part}`;
  }

  #end({ at, outcome, error }: Extract<WatchedEvent, { type: "ended" }>): void {
    this.endedAt = at;
    this.outcome = outcome;
    this.error = error;
    for (const step of this.steps.values()) {
      step.log.finish();
      if (step.state === "waiting" || step.state === "running") step.state = "skipped";
    }
  }
}

/** What a record tells when the build's events are not kept any more: all but the output. Pure. */
export function modelOfRecord(record: BuildReport): BuildModel {
  const model = new BuildModel();
  const { startedAt, durationMs, outcome, error } = record;
  for (const [at, recorded] of record.steps.entries()) {
    const { name, line, inputs = [], startMs = 0, causes = [] } = recorded;
    const step = newStep(String(at), name, line, inputs.map(String));
    const began = recorded.outcome === "skipped" ? undefined : startedAt + startMs;
    Object.assign(step, {
      state: recorded.outcome,
      startedAt: began,
      endedAt: began === undefined ? undefined : began + recorded.durationMs,
      causes,
      error: recorded.error,
    });
    model.steps.set(step.id, step);
  }
  Object.assign(model, {
    startedAt,
    endedAt: startedAt + durationMs,
    outcome,
    error,
    imageID: record.imageID,
  });
  return model;
}

function newStep(id: string, name: string, line: number | undefined, inputs: readonly string[] = []): Step {
  const nothing = { startedAt: undefined, endedAt: undefined, causes: [], error: undefined, progress: "" };
  return { id, name, line, inputs, state: "waiting", ...nothing, log: new LogBuffer({ stamped: false }) };
}

export interface StepLabel {
  /** `build 3/7`: what `run BUILD:STEP` and the engine call it; empty for what is no instruction. */
  readonly place: string;
  readonly text: string;
}

/** `[build 2/6] RUN npm ci` as place and text. */
export function stepLabel(name: string): StepLabel {
  const [, place = "", text = name] = /^\[(.+?)\]\s*(.*)$/s.exec(name) ?? [];
  return place === "internal" ? { place: "", text } : { place: place.replace(/\s+/g, " "), text };
}

/**
 * Why a step failed, in short: its own words are in its output, and its command stands above. Other errors are told
 * whole, without what terminals obey.
 */
export function errorText(error: string): string {
  const code = /did not complete successfully: exit code: (\d+)/.exec(error)?.[1];
  if (code !== undefined) return `Its process ended with exit code ${code}.`;
  return error.split("\n").map(plainText).join("\n");
}
