import { errorMessage, isCode } from "../../errors.ts";
import { passingNames, type BuildEvent, type BuildRequest } from "../builder.ts";
import type { BuildRecord, RecordedStep } from "./build-record.ts";
import type { StepPlace } from "./step-place.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A step while it is recorded: its inputs are vertices. */
type OpenStep = Mutable<Omit<RecordedStep, "inputs">> & { vertices: readonly string[]; startedAt?: number };

/** Longer causes and errors are cut: a record is no log. */
const maxText = 500;

/** Makes a build's record from its events. */
export class BuildRecorder {
  readonly #id: string;
  readonly #startedAt: number;
  readonly #steps = new Map<string, OpenStep>();
  #imageID: BuildRecord["imageID"];

  /** `id`: 12 hexadecimal digits. */
  constructor(id: string, startedAt: number) {
    this.#id = id;
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

  #announce({ id, name, stage, line, inputs = [] }: Extract<BuildEvent, { type: "vertex" }>): void {
    if (this.#steps.has(id)) return;
    const about = { ...(stage !== undefined && { stage }), ...(line !== undefined && { line }) };
    const open = { outcome: "skipped", durationMs: 0, vertices: inputs } as const;
    this.#steps.set(id, { name: name.slice(0, maxText), ...about, ...open });
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
      id: this.#id,
      project,
      tags: (request.tags ?? []).filter((tag) => !tag.startsWith(passingNames)),
      ...(request.target !== undefined && { target: request.target }),
      startedAt: this.#startedAt,
      durationMs: now - this.#startedAt,
      outcome: error === undefined ? "done" : isCancelled ? "cancelled" : "failed",
      ...(error === undefined && this.#imageID !== undefined && { imageID: this.#imageID }),
      ...(error !== undefined && { error: errorMessage(error).slice(0, maxText) }),
      steps: this.#recorded(),
    };
  }

  #recorded(): RecordedStep[] {
    const kept = [...this.#steps].filter(([, step]) => isRecorded(step));
    const places = new Map(kept.map(([id], at) => [id, at]));
    return kept.map(([, { startedAt, vertices, ...step }]) => {
      const inputs = vertices.flatMap((id) => places.get(id) ?? []);
      return {
        ...step,
        ...(startedAt !== undefined && { startMs: startedAt - this.#startedAt }),
        ...(inputs.length > 0 && { inputs }),
      };
    });
  }
}

function isRecorded({ name, outcome }: Pick<RecordedStep, "name" | "outcome">): boolean {
  return !name.startsWith("[internal]") || outcome === "failed";
}

function complete(step: OpenStep, event: Extract<BuildEvent, { type: "completed" }>): void {
  step.outcome = event.error !== undefined ? "failed" : event.cached ? "hit" : "done";
  step.durationMs = step.startedAt === undefined || event.cached ? 0 : event.at - step.startedAt;
  if (event.causes !== undefined) step.causes = event.causes.map((cause) => cause.slice(0, maxText));
  if (event.error !== undefined) step.error = event.error.slice(0, maxText);
}
