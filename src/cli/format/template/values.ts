/**
 * Go values as the interpreter holds them: `undefined` and `null` are nil, an integral `number` is an int and any
 * other a float64, an array is a slice, a `Map` is a map, any other object is a struct.
 */

/** A key that a map has not: shown as `<no value>`. */
export const noValue = Symbol("no value");

/** A number of a document that was read without types. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** nil of a known type, as Go's structs hold it: `shown` is how it prints. */
export class TypedNil {
  readonly shown: "[]" | "map[]" | "<nil>";

  constructor(shown: "[]" | "map[]" | "<nil>") {
    this.shown = shown;
  }

  toJSON(): null {
    return null;
  }
}

export type GoFunction = (...args: readonly unknown[]) => unknown;

export function isNil(value: unknown): boolean {
  return value === undefined || value === null || value === noValue || value instanceof TypedNil;
}

/** A struct: an object that is none of the above. */
export function isStruct(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && !isNil(value) && !Array.isArray(value) && !isSpecial(value);
}

function isSpecial(value: object | null): boolean {
  return value instanceof Map || value instanceof JsonNumber;
}

/** What `if`, `and`, `not` take for true. */
export function isTrue(value: unknown): boolean {
  if (isNil(value)) return false;
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (typeof value === "string" || Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return value instanceof JsonNumber ? value.text !== "" : true;
}

/** The name of a value's type in messages, as in Go. `untyped`: documents were read without types. */
export function typeName(value: unknown, untyped: boolean): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  if (value instanceof JsonNumber) return "json.Number";
  if (Array.isArray(value))
    return !untyped && value.every((item) => typeof item === "string") ? "[]string" : "[]interface {}";
  if (value instanceof Map) return "map[string]interface {}";
  return isNil(value) ? "<nil>" : "struct";
}

/** Entries of a map in the order of its keys. */
export function sortedEntries(map: ReadonlyMap<unknown, unknown>): [string, unknown][] {
  const entries = [...map].map(([key, value]): [string, unknown] => [String(key), value]);
  return entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Go's `%v`. */
export function formatValue(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === noValue) return "<no value>";
  if (value instanceof TypedNil) return value.shown;
  if (value === undefined || value === null) return "<nil>";
  if (typeof value === "number") return formatFloat(value);
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => formatValue(item)).join(" ")}]`;
  const map = value instanceof Map ? value : isStruct(value) ? new Map(Object.entries(value)) : undefined;
  if (map === undefined) return String(value);
  const pairs = sortedEntries(map).map(([key, item]) => `${key}:${formatValue(item)}`);
  return `map[${pairs.join(" ")}]`;
}

/** Go's `%v` of a float64: an exponent of two digits from 1e21 on and below 1e-4. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e21))
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  return String(value);
}

/** What an action writes: nil is `<no value>` here. */
export function printed(value: unknown): string {
  return value === undefined || value === null ? "<no value>" : formatValue(value);
}

/** Go's encoding/json without its escapes for HTML: maps are sorted, structs are not. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof Map) return Object.fromEntries(sortedEntries(item));
    return item === noValue ? null : item;
  });
  return (text ?? "null").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
