import type { BuildRequest } from "../../build/builder.ts";
import { ExitError } from "../command.ts";

type Annotations = Pick<BuildRequest, "annotations" | "indexAnnotations" | "descriptorAnnotations">;

/** What can be annotated, and what the build calls it. */
const fields = {
  manifest: "annotations",
  index: "indexAnnotations",
  "manifest-descriptor": "descriptorAnnotations",
} as const;

type Level = keyof typeof fields;

/**
 * `--annotation key=value`: of each manifest; `index:key=value`: of the index, which the result is then;
 * `manifest-descriptor:key=value`: of each image's entry in it; `manifest,index:key=value`: of both. Throws
 * {@link ExitError}. Pure.
 */
export function annotations(words: readonly string[]): Annotations {
  const found: { -readonly [K in keyof Annotations]: Record<string, string> } = {};
  for (const word of words) {
    const { levels, key, value } = parse(word);
    for (const level of levels) (found[fields[level]] ??= {})[key] = value;
  }
  return found;
}

function isLevel(text: string): text is Level {
  return Object.hasOwn(fields, text);
}

function parse(word: string): { levels: Level[]; key: string; value: string } {
  const [, level = "manifest", key = "", value] =
    /^(?:([a-z-]+(?:,[a-z-]+)*):)?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (key === "" || value === undefined) throw failed(word, "expected key=value");
  const levels = level.split(",");
  const unknown = levels.find((each) => !isLevel(each));
  if (unknown !== undefined)
    throw failed(
      word,
      `"${unknown}" cannot be annotated, only "manifest", "index" and "manifest-descriptor"`,
    );
  return { levels: levels.filter(isLevel), key, value };
}

function failed(word: string, why: string): ExitError {
  return new ExitError(1, `ERROR: failed to build: invalid annotation ${JSON.stringify(word)}: ${why}`);
}
