import { parseGoDuration } from "../../internal/go-duration.ts";
import { UsageError } from "./parse-flags.ts";

/**
 * A point in time as Docker's `--since` and `--until` take it: seconds since the epoch, RFC 3339 (also without zone
 * or time: local), or a duration before `now` (ms). Throws {@link UsageError}.
 */
export function parseTime(text: string, now: number): Date {
  if (/^\d+(\.\d+)?$/.test(text)) return new Date(Number(text) * 1000);
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    const time = new Date(text.length === 10 ? `${text}T00:00:00` : text);
    if (!Number.isNaN(time.getTime())) return time;
  }
  try {
    return new Date(now - parseGoDuration(text) / 1e6);
  } catch (error) {
    throw new UsageError(`failed to parse value as time or duration: ${JSON.stringify(text)}`, {
      cause: error,
    });
  }
}
