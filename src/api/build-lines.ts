import type { BuildEvent } from "../build/builder.ts";

interface Step {
  readonly number: number;
  readonly text: string;
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
      if (event.cached && steps.has(event.id)) yield { stream: " ---> Using cache\n" };
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
    steps.set(event.id, { number: steps.size + 1, text: match[1] ?? "" });
  }
}

function* startLines(id: string, steps: ReadonlyMap<string, Step>): Generator<object> {
  const step = steps.get(id);
  if (step === undefined) return;
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
