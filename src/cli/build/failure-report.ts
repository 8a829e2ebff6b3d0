import {
  isOwnError,
  lineOf,
  shortError,
  type BuildState,
  type VertexState,
} from "../progress/build-state.ts";
import { sanitizeLine } from "../progress/sanitize.ts";
import { failureHint } from "./failure-hint.ts";
import { lineOfBase, sourceExcerpt } from "./source-excerpt.ts";

/** Lines of output that are shown once more. */
const repeatedLines = 12;

export interface DockerfileText {
  /** As it was named on the command line. */
  readonly name: string;
  readonly text: string;
}

/**
 * What a failed build says in the end: the step with its last output, the Dockerfile around it, and the error. Safe
 * for a terminal. Pure.
 */
export function failureReport(
  message: string,
  state: BuildState,
  dockerfile: DockerfileText | undefined,
): string {
  const failed = failedVertex(message, state);
  const line =
    failed?.line ?? lineOf(message) ?? (dockerfile && lineOfBase(dockerfile.text, failed?.name ?? ""));
  const excerpt = dockerfile === undefined || line === undefined ? "" : sourceExcerpt(dockerfile, line);
  const words = shortError(message, failed?.name ?? "")
    .split("\n")
    .map((text) => sanitizeLine(text));
  const hint = failureHint(message);
  const end = hint === undefined ? "" : `hint: ${hint}\n`;
  return `${lastOutput(failed)}${excerpt}ERROR: failed to build: failed to solve: ${words.join("\n")}\n${end}`;
}

/** The step to blame, also when it failed before it began. */
function failedVertex(message: string, { vertices }: BuildState): VertexState | undefined {
  const named = lineOf(message);
  if (named !== undefined) return vertices.find(({ line }) => line === named);
  return vertices.find((vertex) => vertex.error === message && isOwnError(vertex, message));
}

function lastOutput(vertex: VertexState | undefined): string {
  if (vertex === undefined || vertex.log.length === 0) return "";
  const lines = vertex.log.slice(-repeatedLines).map(({ text, after }) => {
    return `${(after / 1000).toFixed(3)} ${sanitizeLine(text)}\n`;
  });
  return `------\n > ${sanitizeLine(vertex.name)}:\n${lines.join("")}------\n`;
}
