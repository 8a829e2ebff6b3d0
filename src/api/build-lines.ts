import type { BuildEvent } from "../build/builder.ts";
import { errorCode, errorMessage } from "../errors.ts";

interface Step {
  readonly number: number;
  readonly text: string;
  isSaid: boolean;
}

/**
 * Build events as the classic builder's stream of JSON lines: `{"stream":"Step 1/4 : FROM busybox"}`, what steps write,
 * `{"aux":{"ID":…}}` and the closing words. `quiet`: the image ID alone. Throws what the events throw.
 */
export async function* buildLines(
  events: AsyncIterable<BuildEvent>,
  options: { tags: readonly string[]; quiet: boolean },
): AsyncGenerator<object> {
  const steps = new Map<string, Step>();
  for await (const event of events) {
    if (event.type === "image") yield* resultLines(event.id, options);
    else if (!options.quiet) yield* eventLines(event, steps);
  }
}

/**
 * A failure of a build as the last line: in Docker's words for a process that failed, whose exit code is the `code` that
 * its client exits with.
 */
export function buildFailureLine(error: unknown): object {
  const text = errorMessage(error);
  const words = /process ("(?:[^"\\]|\\.)*") did not complete successfully: exit code: (\d+)/.exec(text);
  const command = words?.[1] === undefined ? undefined : (JSON.parse(words[1]) as string);
  const code = Number(words?.[2] ?? 0);
  const message = command === undefined ? text : `The command '${command}' returned a non-zero code: ${code}`;
  return {
    errorDetail: { ...(code > 0 && { code }), message },
    error: message,
    slipwayCode: errorCode(error),
  };
}

function* eventLines(
  event: Exclude<BuildEvent, { type: "image" }>,
  steps: Map<string, Step>,
): Generator<object> {
  switch (event.type) {
    case "vertex":
      return announce(event, steps);
    case "started":
      return yield* startLines(event.id, steps);
    case "log":
      return yield { stream: event.data };
    case "progress":
      return yield progressLine(event);
    case "completed":
      if (!event.cached || !steps.has(event.id)) return;
      yield* startLines(event.id, steps);
      // A base is no step that could be carried out.
      if (steps.get(event.id)?.text.startsWith("FROM ") !== true) yield { stream: " ---> Using cache\n" };
      return;
    case "warning":
      return yield {
        stream: `[Warning] ${event.line === undefined ? "" : `line ${event.line}: `}${event.text}\n`,
      };
  }
}

/** Vertices without a place in the Dockerfile (`[internal] …`) are no steps. */
function announce(event: Extract<BuildEvent, { type: "vertex" }>, steps: Map<string, Step>): void {
  const match = /^\[(?!internal)[^\]]*\]\s*(.*)$/s.exec(event.name);
  if (match !== null && !steps.has(event.id)) {
    steps.set(event.id, { number: steps.size + 1, text: asWritten(match[1] ?? ""), isSaid: false });
  }
}

/** `FROM docker.io/library/busybox:latest@sha256:…` is `FROM busybox:latest`. */
function asWritten(text: string): string {
  return text.replace(/^FROM (?:docker\.io\/(?:library\/)?)?([^@\s]+)(?:@sha256:[0-9a-f]+)?$/, "FROM $1");
}

/** Once for each step. */
function* startLines(id: string, steps: ReadonlyMap<string, Step>): Generator<object> {
  const step = steps.get(id);
  if (step === undefined || step.isSaid) return;
  step.isSaid = true;
  yield { stream: `Step ${step.number}/${steps.size} : ${step.text}` };
  yield { stream: "\n" };
}

function progressLine(event: Extract<BuildEvent, { type: "progress" }>): object {
  const { text, current, total } = event;
  if (current === undefined) return { status: text };
  return {
    id: event.id.replace(/^sha256:/, "").slice(0, 12),
    status: text,
    progressDetail: { current, total },
  };
}

function* resultLines(
  id: string,
  { tags, quiet }: { tags: readonly string[]; quiet: boolean },
): Generator<object> {
  yield { aux: { ID: id } };
  if (quiet) return yield { stream: `${id}\n` };
  yield { stream: `Successfully built ${id.replace(/^sha256:/, "").slice(0, 12)}\n` };
  for (const tag of tags) yield { stream: `Successfully tagged ${tag}\n` };
}
