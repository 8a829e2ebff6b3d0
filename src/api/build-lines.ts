import type { BuildEvent } from "../build/builder.ts";
import { classicError } from "./classic-error.ts";
import { ClassicSteps } from "./classic-steps.ts";
import { errorCode, errorMessage } from "../errors.ts";

/** At least so many lines of a quiet build are kept for when it fails: the last ones. */
const maxHeld = 1000;

/**
 * Build events as the classic builder's stream of JSON lines: `{"stream":"Step 1/4 : FROM busybox"}`, what steps write,
 * `{"aux":{"ID":…}}` and the closing words. `quiet`: the image ID alone, or all that was said when the build fails. Throws what the events throw.
 */
export async function* buildLines(
  events: AsyncIterable<BuildEvent>,
  options: { tags: readonly string[]; quiet: boolean },
): AsyncGenerator<object> {
  const steps = new ClassicSteps();
  const held: object[] = [];
  try {
    for await (const event of events) {
      const lines = event.type === "image" ? steps.finish(event.id) : steps.see(event);
      if (options.quiet) held.push(...lines);
      else yield* lines;
      if (held.length > 2 * maxHeld) held.splice(0, maxHeld);
      if (event.type === "image") yield* resultLines(event.id, options);
    }
  } catch (error) {
    // As Docker, which then is quiet no more.
    yield* held;
    throw error;
  }
}

/**
 * A failure of a build as the last line: in Docker's words for a process that failed, whose exit code is the `code` that
 * its client exits with.
 */
export function buildFailureLine(failure: unknown): object {
  const error = classicError(failure);
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

function* resultLines(
  id: string,
  { tags, quiet }: { tags: readonly string[]; quiet: boolean },
): Generator<object> {
  yield { aux: { ID: id } };
  if (quiet) return yield { stream: `${id}\n` };
  yield { stream: `Successfully built ${id.replace(/^sha256:/, "").slice(0, 12)}\n` };
  for (const tag of tags) yield { stream: `Successfully tagged ${tag}\n` };
}
