import { parseGoDuration } from "../../internal/go-duration.ts";
import { ramInBytes } from "../../internal/parse-size.ts";

/** `512m`, `2gb`, `-1`: bytes. */
export function parseBytes(text: string): number {
  return text === "-1" ? -1 : ramInBytes(text);
}

/** `1m30s`: nanoseconds. */
export function parseDuration(text: string): number {
  return parseGoDuration(text);
}

/** `KEY=VALUE` pairs; a key alone is empty. */
export function parsePairs(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => splitPair(word)));
}

export function splitPair(word: string): [string, string] {
  const equals = word.indexOf("=");
  return equals < 0 ? [word, ""] : [word.slice(0, equals), word.slice(equals + 1)];
}
