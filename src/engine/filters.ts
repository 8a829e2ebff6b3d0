import { SlipwayError } from "../errors.ts";

/** The `filters` parameter of the API: for each key, the values of which one must match. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** Throws `invalid_argument`, in Docker's words, for a key that the command does not know. */
export function checkFilters(filters: Filters | undefined, known: readonly string[]): void {
  for (const key of Object.keys(filters ?? {})) {
    if (!known.includes(key)) throw new SlipwayError("invalid_argument", `invalid filter '${key}'`);
  }
}

/** True when the filter is not set, or `test` holds for one of its values. */
export function anyOf(filters: Filters | undefined, key: string, test: (value: string) => boolean): boolean {
  const values = filters?.[key];
  return values === undefined || values.length === 0 || values.some(test);
}

/** True when every `label` filter (`key` or `key=value`) matches; `label!` filters must not. */
export function labelsMatch(
  filters: Filters | undefined,
  labels: Readonly<Record<string, string>> | null,
): boolean {
  const has = (wanted: string) => hasLabel(labels ?? {}, wanted);
  return (filters?.["label"] ?? []).every(has) && !(filters?.["label!"] ?? []).some(has);
}

function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf("=");
  if (equals < 0) return Object.hasOwn(labels, wanted);
  return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
}

/** A boolean filter such as `dangling=true`. Throws `invalid_argument` for anything else. */
export function booleanFilter(filters: Filters | undefined, key: string): boolean | undefined {
  const value = filters?.[key]?.[0];
  if (value === undefined) return undefined;
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw new SlipwayError("invalid_argument", `invalid filter '${key}=[${value}]'`);
}
