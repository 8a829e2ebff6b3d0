import type { BuildEvent } from "../../build/builder.ts";
import { shortError, type BuildState } from "../progress/build-state.ts";
import { sanitizeLine } from "../progress/sanitize.ts";

/** What is said above a shell in a failed step. Safe for a terminal. Pure. */
export function debugIntroduction(
  { id, error }: Pick<Extract<BuildEvent, { type: "debug" }>, "id" | "error">,
  { vertices }: Pick<BuildState, "vertices">,
): string {
  const name = vertices.find((vertex) => vertex.id === id)?.name ?? "";
  const [words = ""] = shortError(error, name).split("\n");
  return (
    `\n${sanitizeLine(/^\[[^\]]*\]/.exec(name)?.[0] ?? name)} failed: ${sanitizeLine(words)}\n` +
    "A shell in its filesystem, as the step left it; what you change here is thrown away. End it to go on.\n"
  );
}
