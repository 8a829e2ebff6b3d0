import { errorMessage, isCode } from "../../errors.ts";
import type { BuildEvent, BuildRequest } from "../builder.ts";
import type { BuildRecord, RecordedStep } from "./build-record.ts";
import type { StepPlace } from "./step-place.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Longer causes and errors are cut: a record is no log. */
const maxText = 500;

/** Makes a build's record from its events. */
export class BuildRecorder {
  readonly #startedAt: number;
  readonly #steps = new Map<string, Mutable<RecordedStep> & { startedAt?: number }>();
  #imageID: BuildRecord["imageID"];

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  see(event: BuildEvent): void {
    if (event.type === "image") this.#imageID = event.id;
    if (event.type === "vertex") this.#announce(event);
    if (event.type !== "started" && event.type !== "completed") return;
    const step = this.#steps.get(event.id);
    if (step === undefined) return;
    if (event.type === "started") step.startedAt ??= event.at;
    else complete(step, event);
  }

  #announce({ id, name, stage, line }: Extract<BuildEvent, { type: "vertex" }>): void {
    if (this.#steps.has(id)) return;
    const about = { ...(stage !== undefined && { stage }), ...(line !== undefined && { line }) };
    this.#steps.set(id, { name: name.slice(0, maxText), ...about, outcome: "skipped", durationMs: 0 });
  }

  /** The places of the recorded steps, in their order. */
  places(byVertex: ReadonlyMap<string, StepPlace>): (StepPlace | undefined)[] {
    return [...this.#steps].filter(([, step]) => isRecorded(step)).map(([id]) => byVertex.get(id));
  }

  /** `error` undefined: the build was a success. */
  finish(
    request: Pick<BuildRequest, "tags" | "target">,
    about: { readonly project: string; readonly now: number; readonly error?: unknown },
  ): BuildRecord {
    const { project, now, error } = about;
    const isCancelled = error instanceof Error && (error.name === "AbortError" || isCode(error, "cancelled"));
    return {
      id: crypto.randomUUID().replaceAll("-", "").slice(0, 12),
      project,
      tags: request.tags ?? [],
      ...(request.target !== undefined && { target: request.target }),
      startedAt: this.#startedAt,
      durationMs: now - this.#startedAt,
      outcome: error === undefined ? "done" : isCancelled ? "cancelled" : "failed",
      ...(error === undefined && this.#imageID !== undefined && { imageID: this.#imageID }),
      ...(error !== undefined && { error: errorMessage(error).slice(0, maxText) }),
      steps: [...this.#steps.values()].filter(isRecorded).map(({ startedAt: _startedAt, ...step }) => step),
    };
  }
}

function isRecorded({ name, outcome }: RecordedStep): boolean {
  return !name.startsWith("[internal]") || outcome === "failed";
}

function complete(
  step: Mutable<RecordedStep> & { startedAt?: number },
  event: Extract<BuildEvent, { type: "completed" }>,
): void {
  step.outcome = event.error !== undefined ? "failed" : event.cached ? "hit" : "done";
  step.durationMs = step.startedAt === undefined || event.cached ? 0 : event.at - step.startedAt;
  if (event.causes !== undefined) step.causes = event.causes.map((cause) => cause.slice(0, maxText));
  if (event.error !== undefined) step.error = event.error.slice(0, maxText);
}
