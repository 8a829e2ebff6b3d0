import type { Filters } from "../engine/filters.ts";
import { SlipwayError } from "../errors.ts";

const maxFilterText = 64 * 1024;

/** The query of a request, read as Docker reads it: every parameter is optional, empty means absent. */
export class Query {
  readonly #params: URLSearchParams;

  constructor(params: URLSearchParams) {
    this.#params = params;
  }

  text(name: string): string | undefined {
    const value = this.#params.get(name);
    return value === null || value === "" ? undefined : value;
  }

  /** Throws `invalid_argument` when it is absent. */
  required(name: string): string {
    const value = this.text(name);
    if (value !== undefined) return value;
    throw new SlipwayError("invalid_argument", `Parameter "${name}" is missing`);
  }

  has(name: string): boolean {
    return this.text(name) !== undefined;
  }

  all(name: string): string[] {
    return this.#params.getAll(name).filter((value) => value !== "");
  }

  names(): string[] {
    return [...new Set(this.#params.keys())];
  }

  /** Everything but empty, `0`, `no`, `false` and `none` is true; absent is `absent`. */
  flag(name: string, absent = false): boolean {
    const value = this.#params.get(name);
    if (value === null) return absent;
    return !["", "0", "no", "false", "none"].includes(value.trim().toLowerCase());
  }

  /** Throws `invalid_argument` for what is no whole number. */
  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^[+-]?\d{1,15}$/.test(value)) {
      throw new SlipwayError(
        "invalid_argument",
        `Invalid value "${value}" of parameter "${name}": not a whole number`,
      );
    }
    return Number(value);
  }

  /** Seconds since the epoch with up to nine decimals, or RFC 3339. Throws `invalid_argument`. */
  time(name: string): Date | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const ms = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value);
    if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) {
      throw new SlipwayError(
        "invalid_argument",
        `Invalid value "${value}" of parameter "${name}": not a time`,
      );
    }
    return new Date(ms);
  }

  /** JSON of a parameter; undefined when absent. Throws `invalid_argument`. */
  json(name: string): unknown {
    const value = this.text(name);
    if (value === undefined) return undefined;
    try {
      return JSON.parse(value);
    } catch (cause) {
      throw new SlipwayError("invalid_argument", `Invalid value of parameter "${name}": not JSON`, { cause });
    }
  }

  /** `{"label":["a=b"]}`, and the older `{"label":{"a=b":true}}`. */
  filters(name = "filters"): Filters {
    if ((this.text(name)?.length ?? 0) > maxFilterText) throw invalidFilter("too long");
    const parsed = this.json(name);
    if (parsed === undefined || parsed === null) return {};
    if (typeof parsed !== "object" || Array.isArray(parsed)) throw invalidFilter("not an object");
    return Object.fromEntries(Object.entries(parsed).map(([key, values]) => [key, filterValues(values)]));
  }
}

function filterValues(values: unknown): string[] {
  if (Array.isArray(values)) return values.map(filterText);
  if (typeof values !== "object" || values === null)
    throw invalidFilter("values are neither a list nor a map");
  return Object.entries(values).flatMap(([value, on]) => (on === false ? [] : [value]));
}

function filterText(value: unknown): string {
  if (typeof value !== "string") throw invalidFilter("a value is not text");
  return value;
}

function invalidFilter(why: string): SlipwayError {
  return new SlipwayError("invalid_argument", `invalid filter: ${why}`);
}
