import type { BuildRecord, BuildReport, RecordedStep } from "../../build/record/build-record.ts";
import { sanitizeLine } from "../progress/sanitize.ts";

/**
 * A recorded build for people: each step, hit or miss, how long it took, and why it was no hit; then advice. Safe for a
 * terminal. Pure.
 */
export function buildReport(report: BuildReport): string {
  const { id, outcome, durationMs, project, tags, imageID, error, steps, advice } = report;
  const hits = steps.filter((step) => step.outcome === "hit").length;
  const head = [
    `Build    ${id}`,
    `Project  ${project.split("\n")[0] ?? ""}`,
    ...(tags.length > 0 ? [`Tags     ${tags.join(", ")}`] : []),
    ...(imageID === undefined ? [] : [`Image    ${imageID}`]),
    `Result   ${outcome} in ${seconds(durationMs)}, ${hits} of ${steps.length} steps were hits`,
    ...(error === undefined ? [] : [`Error    ${error.split("\n")[0] ?? ""}`]),
  ];
  const lines = [...head, "", ...steps.flatMap(stepLines), ...advice.map((text) => `\nAdvice: ${text}`)];
  return `${lines
    .map((line) =>
      line
        .split("\n")
        .map((text) => sanitizeLine(text))
        .join("\n"),
    )
    .join("\n")}\n`;
}

/** The steps of a build, hit or miss, with their causes. Safe for a terminal. Pure. */
export function buildSteps({ steps }: Pick<BuildRecord, "steps">): string {
  return `${steps
    .flatMap(stepLines)
    .map((line) => sanitizeLine(line))
    .join("\n")}\n`;
}

const words = { hit: "HIT ", done: "MISS", failed: "FAIL", skipped: "-   " } as const;

function stepLines({ outcome, name, durationMs, causes = [] }: RecordedStep): string[] {
  const time = outcome === "done" || outcome === "failed" ? ` ${seconds(durationMs)}` : "";
  return [`${words[outcome]} ${name}${time}`, ...causes.map((cause) => `       because ${cause}`)];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)}s`;
}
