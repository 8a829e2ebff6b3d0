import { SlipwayError } from "../errors.ts";
import { parseGoDuration } from "../internal/go-duration.ts";
import type { Filters } from "./filters.ts";

/**
 * A test whether something made at a time (ms since the epoch) is older than the filter `until` says: seconds since
 * the epoch, a date (RFC 3339), or a duration before now. Without the filter all is. Throws `invalid_argument`.
 */
export function untilFilter(filters: Filters | undefined, now = Date.now()): (made: number) => boolean {
  const values = filters?.["until"] ?? [];
  const [text] = values;
  if (text === undefined) return () => true;
  if (values.length > 1) {
    throw new SlipwayError("invalid_argument", "more than one until filter specified");
  }
  const until = parseTime(text, now);
  return (made) => made < until;
}

function parseTime(text: string, now: number): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    const time = Date.parse(text.length === 10 ? `${text}T00:00:00` : text);
    if (!Number.isNaN(time)) return time;
  }
  try {
    return now - parseGoDuration(text) / 1e6;
  } catch (cause) {
    const what = `failed to parse value as time or duration: ${JSON.stringify(text)}`;
    throw new SlipwayError("invalid_argument", what, { cause });
  }
}
