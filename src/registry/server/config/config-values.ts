import { parseGoDuration } from "../../../internal/go-duration.ts";
import { ramInBytes } from "../../../internal/parse-size.ts";
import type { JsonReader } from "../../../oci/json-shape.ts";

/** Reads a path, relative ones from the file's directory. */
export type ReadPath = (json: JsonReader) => string;

/** Refuses members that are not in `known`, so that a misspelt key is never passed over. */
export function knownKeys(json: JsonReader, known: readonly string[]): void {
  for (const name of Object.keys(json.record((item) => item))) {
    if (!known.includes(name)) json.member(name).fail(`is no setting; known here: ${known.join(", ")}`);
  }
}

/** A Go duration, or days: `30d`, `12h`, `1m30s`. Milliseconds. */
export function readDuration(json: JsonReader): number {
  const text = json.string();
  const days = /^(\d{1,6})d$/.exec(text)?.[1];
  if (days !== undefined) return Number(days) * 86_400_000;
  try {
    const ms = parseGoDuration(text) / 1e6;
    if (ms >= 0) return ms;
  } catch {
    // Said below, with the key.
  }
  return json.fail(`has ${JSON.stringify(text)} where a duration such as "12h" or "30d" is wanted`);
}

/** Bytes: a number, or a text such as `10GB` in powers of 1024. */
export function readSize(json: JsonReader): number {
  try {
    return json.integer(0);
  } catch {
    // Not a number: a text then.
  }
  try {
    return ramInBytes(json.string());
  } catch {
    return json.fail('must be a number of bytes or a size such as "10GB"');
  }
}

export function readPositive(json: JsonReader): number {
  return json.integer(1);
}

/** Nothing but a non-empty text. */
export function readText(json: JsonReader): string {
  const text = json.string();
  return text === "" ? json.fail("must not be empty") : text;
}

export function readUrl(json: JsonReader): string {
  const text = json.string();
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) json.fail("must be an http(s) URL");
  return text;
}
