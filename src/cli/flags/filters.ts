import type { Filters } from "../../engine/filters.ts";
import { UsageError } from "./parse-flags.ts";

/** `--filter key=value`, several times, to the API's filters. Throws {@link UsageError} in Docker's words. Pure. */
export function parseFilters(words: readonly string[]): Filters {
  const filters: Record<string, string[]> = {};
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals < 0)
      throw new UsageError(
        `invalid argument "${word}" for "-f, --filter" flag: bad format of filter (expected name=value)`,
      );
    (filters[word.slice(0, equals).trim().toLowerCase()] ??= []).push(word.slice(equals + 1).trim());
  }
  return filters;
}
