import type { BuildRequest } from "../../build/builder.ts";
import { ExitError } from "../command.ts";

type Annotations = Pick<BuildRequest, "annotations" | "indexAnnotations">;

/**
 * `--annotation key=value`: of each manifest; `index:key=value`: of the index, which the result is then;
 * `manifest,index:key=value`: of both. Throws {@link ExitError}. Pure.
 */
export function annotations(words: readonly string[]): Annotations {
  const [manifest, index] = [new Map<string, string>(), new Map<string, string>()];
  for (const word of words) {
    const { levels, key, value } = parse(word);
    if (levels.includes("manifest")) manifest.set(key, value);
    if (levels.includes("index")) index.set(key, value);
  }
  return {
    ...(manifest.size > 0 && { annotations: Object.fromEntries(manifest) }),
    ...(index.size > 0 && { indexAnnotations: Object.fromEntries(index) }),
  };
}

function parse(word: string): { levels: string[]; key: string; value: string } {
  const [, level = "manifest", key = "", value] =
    /^(?:([a-z-]+(?:,[a-z-]+)*):)?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (key === "" || value === undefined) throw failed(word, "expected key=value");
  const levels = level.split(",");
  const unknown = levels.find((each) => each !== "manifest" && each !== "index");
  if (unknown !== undefined)
    throw failed(word, `"${unknown}" cannot be annotated, only "manifest" and "index"`);
  return { levels, key, value };
}

function failed(word: string, why: string): ExitError {
  return new ExitError(1, `ERROR: failed to build: invalid annotation ${JSON.stringify(word)}: ${why}`);
}
