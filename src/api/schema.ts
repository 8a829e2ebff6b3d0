import { SlipwayError } from "../errors.ts";

/** Checks one value of a JSON body and returns it typed. `at` names it for the error: `HostConfig.Memory`. */
export type Check<T> = (value: unknown, at: string) => T;

type Shape = Record<string, Check<unknown>>;
type Checked<S extends Shape> = { -readonly [K in keyof S]?: ReturnType<S[K]> };

export function invalidField(at: string, expected: string): SlipwayError {
  return new SlipwayError(
    "invalid_argument",
    `invalid JSON: ${at === "" ? "the body" : `"${at}"`} must be ${expected}`,
  );
}

export const text: Check<string> = (value, at) => {
  if (typeof value !== "string" || value.includes("\0")) throw invalidField(at, "a string without NUL bytes");
  return value;
};

export const flag: Check<boolean> = (value, at) => {
  if (typeof value !== "boolean") throw invalidField(at, "a boolean");
  return value;
};

export const integer: Check<number> = (value, at) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw invalidField(at, "a whole number");
  return value;
};

/** Anything: for fields we hand on without reading them. */
export const emptyObject: Check<object> = (value, at) => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalidField(at, "an object");
  return {};
};

export function oneOf<const T extends string>(...allowed: readonly T[]): Check<T> {
  return (value, at) => {
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined)
      throw invalidField(at, `one of ${allowed.map((name) => `"${name}"`).join(", ")}`);
    return found;
  };
}

export function listOf<T>(item: Check<T>): Check<T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw invalidField(at, "a list");
    return value.map((entry, index) => item(entry, `${at}[${index}]`));
  };
}

/** Old clients send one word where a list is meant: `"Cmd": "date"`. */
export const words: Check<string[]> = (value, at) =>
  typeof value === "string" ? [value] : listOf(text)(value, at);

export function mapOf<T>(item: Check<T>): Check<Record<string, T>> {
  return (value, at) => {
    const entries = Object.entries(asObject(value, at));
    const checked = entries.map(([key, entry]) => [
      text(key, at),
      item(entry, `${at}[${JSON.stringify(key)}]`),
    ]);
    return Object.fromEntries(checked) as Record<string, T>;
  };
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, at) => (value === null ? null : check(value, at));
}

/**
 * An object of known fields, all optional. As with Docker, names match in any case, unknown fields are dropped and
 * null means absent.
 */
export function object<S extends Shape>(shape: S): Check<Checked<S>> {
  const byLowerName = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));
  return (value, at) => {
    const out: Record<string, unknown> = {};
    for (const [key, entry] of Object.entries(asObject(value, at))) {
      const name = byLowerName.get(key.toLowerCase());
      const check = name === undefined ? undefined : shape[name];
      if (name === undefined || check === undefined || entry === null) continue;
      const checked = check(entry, at === "" ? name : `${at}.${name}`);
      if (checked !== undefined) out[name] = checked;
    }
    return out as Checked<S>;
  };
}

/** An {@link object} with fields that a client may not leave out. */
export function objectWith<S extends Shape, K extends keyof S & string>(
  required: readonly K[],
  shape: S,
): Check<Checked<S> & { [P in K]-?: ReturnType<S[P]> }> {
  const check = object(shape);
  return (value, at) => {
    const checked = check(value, at);
    const missing = required.find((name) => checked[name] === undefined);
    if (missing !== undefined) throw invalidField(at === "" ? missing : `${at}.${missing}`, "set");
    return checked as Checked<S> & { [P in K]-?: ReturnType<S[P]> };
  };
}

/**
 * A field of Docker's that we do not have yet: its zero value passes (and is dropped), anything else is refused, since
 * leaving it out would change the result.
 */
export const unsupported: Check<undefined> = (value, at) => {
  if (isZero(value)) return undefined;
  throw new SlipwayError("not_implemented", `"${at}" is not supported yet`);
};

function isZero(value: unknown): boolean {
  if (value === null || value === "" || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.every(isZero);
  return typeof value === "object" && Object.values(value).every(isZero);
}

function asObject(value: unknown, at: string): object {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalidField(at, "an object");
  return value;
}
