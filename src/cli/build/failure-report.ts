import { shortError, type BuildState, type VertexState } from "../progress/build-state.ts";
import { sanitizeLine } from "../progress/sanitize.ts";
import { sourceExcerpt } from "./source-excerpt.ts";

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
  const line = failed?.line ?? lineOf(message);
  const excerpt = dockerfile === undefined || line === undefined ? "" : sourceExcerpt(dockerfile, line);
  const words = shortError(message, failed?.name ?? "")
    .split("\n")
    .map((text) => sanitizeLine(text));
  return `${lastOutput(failed)}${excerpt}ERROR: failed to build: failed to solve: ${words.join("\n")}\n`;
}

/** Steps that ended only because another failed are not to blame. */
function failedVertex(message: string, { vertices }: BuildState): VertexState | undefined {
  return vertices.find(({ error }) => error !== undefined && error === message);
}

/** `Dockerfile:3: …` */
function lineOf(message: string): number | undefined {
  const line = /^[^\s:]+:(\d+): /.exec(message)?.[1];
  return line === undefined ? undefined : Number(line);
}

function lastOutput(vertex: VertexState | undefined): string {
  if (vertex === undefined) return "";
  const lines = vertex.log.slice(-repeatedLines).map(({ text, after }) => {
    return `${(after / 1000).toFixed(3)} ${sanitizeLine(text)}\n`;
  });
  return `------\n > ${sanitizeLine(vertex.name)}:\n${lines.join("")}------\n`;
}
