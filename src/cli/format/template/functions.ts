import { compare, equals } from "./compare.ts";
import { sprintf } from "./printf.ts";
import { formatValue, isNil, isStruct, isTrue, JsonNumber, toJson, TypedNil } from "./values.ts";

/** What a parameter takes; the last one of `variadic` any number of times. */
export type Parameter = "any" | "string" | "int" | "strings";

export interface TemplateFunction {
  readonly parameters: readonly Parameter[];
  readonly variadic?: boolean;
  /** Throws an Error in Go's words. */
  readonly call: (...args: never[]) => unknown;
}

export type Functions = ReadonlyMap<string, TemplateFunction>;

/** Those of text/template. `and` and `or` are the evaluator's: they do not evaluate all their arguments. */
const builtins: Readonly<Record<string, TemplateFunction>> = {
  and: { parameters: ["any", "any"], variadic: true, call: () => undefined },
  or: { parameters: ["any", "any"], variadic: true, call: () => undefined },
  not: { parameters: ["any"], call: (value: unknown) => !isTrue(value) },
  eq: {
    parameters: ["any", "any"],
    variadic: true,
    call: (first: unknown, ...others: unknown[]) => equals(first, others),
  },
  ne: { parameters: ["any", "any"], call: (a: unknown, b: unknown) => !equals(a, [b]) },
  lt: { parameters: ["any", "any"], call: (a: unknown, b: unknown) => compare(a, b) < 0 },
  le: { parameters: ["any", "any"], call: (a: unknown, b: unknown) => compare(a, b) <= 0 },
  gt: { parameters: ["any", "any"], call: (a: unknown, b: unknown) => compare(a, b) > 0 },
  ge: { parameters: ["any", "any"], call: (a: unknown, b: unknown) => compare(a, b) >= 0 },
  len: { parameters: ["any"], call: length },
  index: { parameters: ["any", "any"], variadic: true, call: index },
  slice: { parameters: ["any", "any"], variadic: true, call: slice },
  print: { parameters: ["any"], variadic: true, call: (...args: unknown[]) => print(args) },
  printf: {
    parameters: ["string", "any"],
    variadic: true,
    call: (format: string, ...args: unknown[]) => sprintf(format, args),
  },
  println: {
    parameters: ["any"],
    variadic: true,
    call: (...args: unknown[]) => `${args.map((arg) => formatValue(arg)).join(" ")}\n`,
  },
  html: { parameters: ["any"], variadic: true, call: (...args: unknown[]) => escapeHtml(print(args)) },
  js: { parameters: ["any"], variadic: true, call: (...args: unknown[]) => escapeJs(print(args)) },
  urlquery: {
    parameters: ["any"],
    variadic: true,
    call: (...args: unknown[]) => new URLSearchParams({ q: print(args) }).toString().slice(2),
  },
};

/** Docker's own. */
const dockers: Readonly<Record<string, TemplateFunction>> = {
  json: { parameters: ["any"], call: toJson },
  split: {
    parameters: ["string", "string"],
    call: (text: string, by: string) => (by === "" ? [...text] : text.split(by)),
  },
  join: { parameters: ["strings", "string"], call: (list: readonly string[], by: string) => list.join(by) },
  title: { parameters: ["string"], call: title },
  lower: { parameters: ["string"], call: (text: string) => text.toLowerCase() },
  upper: { parameters: ["string"], call: (text: string) => text.toUpperCase() },
  pad: {
    parameters: ["string", "int", "int"],
    call: (text: string, before: number, after: number) =>
      text === "" ? "" : " ".repeat(Math.max(0, before)) + text + " ".repeat(Math.max(0, after)),
  },
  truncate: {
    parameters: ["string", "int"],
    call: (text: string, length: number) => (text.length < length ? text : text.slice(0, length)),
  },
};

/** All that a `--format` may call. */
export const dockerFunctions: Functions = new Map(Object.entries({ ...builtins, ...dockers }));

const same = (parameters: readonly Parameter[], variadic = false): TemplateFunction => ({
  parameters,
  variadic,
  call: (value: unknown) => value,
});

/** What the same functions do to the headers of a table: a header stays what it is. */
export const headerFunctions: Functions = new Map([
  ...dockerFunctions,
  ["json", same(["any"])],
  ["split", same(["any", "any"])],
  ["join", same(["any", "any"])],
  ["title", same(["any"])],
  ["lower", same(["any"])],
  ["upper", same(["any"])],
  ["truncate", same(["any", "any"])],
  ["pad", dockers["pad"] ?? same(["any"], true)],
]);

function length(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  if (value instanceof TypedNil && value.shown !== "<nil>") return 0;
  if (value instanceof JsonNumber) return value.text.length;
  if (isNil(value)) throw new Error("len of nil pointer");
  if (isStruct(value)) return Object.keys(value).length;
  throw new Error(`len of type ${typeof value === "boolean" ? "bool" : "int"}`);
}

function index(value: unknown, ...keys: unknown[]): unknown {
  let item = value;
  for (const key of keys) {
    if (item instanceof TypedNil && item.shown === "map[]") return undefined;
    if (isNil(item)) throw new Error("index of untyped nil");
    item = indexOnce(item, key);
  }
  return item;
}

function indexOnce(item: unknown, key: unknown): unknown {
  if (item instanceof Map) {
    if (typeof key !== "string") throw new Error(`value has type ${typeof key}; should be string`);
    return item.has(key) ? item.get(key) : zeroOf(item);
  }
  if (Array.isArray(item) || typeof item === "string") {
    if (typeof key !== "number") throw new Error(`cannot index slice/array with type ${typeof key}`);
    if (key < 0 || key >= item.length) throw new Error(`index out of range: ${key}`);
    return typeof item === "string" ? Buffer.from(item)[key] : (item as unknown[])[key];
  }
  if (isStruct(item) && typeof key === "string") return item[key];
  throw new Error("can't index item of that type");
}

/** What a map gives for a key it has not: a map of strings gives the empty one. */
function zeroOf(map: ReadonlyMap<unknown, unknown>): unknown {
  const values = [...map.values()];
  return values.length > 0 && values.every((value) => typeof value === "string") ? "" : undefined;
}

function slice(value: unknown, from = 0, to?: unknown): unknown {
  if (typeof value !== "string" && !Array.isArray(value)) throw new Error("can't slice item of that type");
  const end = to === undefined ? value.length : Number(to);
  if (from < 0 || from > value.length) throw new Error(`index out of range: ${from}`);
  if (end < 0 || end > value.length) throw new Error(`index out of range: ${end}`);
  if (end < from) throw new Error(`invalid slice index: ${from} > ${end}`);
  return value.slice(from, end);
}

/** Go's fmt.Sprint: a space between two of which neither is a string. */
function print(args: readonly unknown[]): string {
  let text = "";
  for (const [at, arg] of args.entries()) {
    if (at > 0 && typeof arg !== "string" && typeof args[at - 1] !== "string") text += " ";
    text += formatValue(arg);
  }
  return text;
}

function title(text: string): string {
  return text.replace(
    /(^|[^\p{L}\p{Nd}_'])(\p{L})/gu,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\0": "\ufffd",
};

function escapeHtml(text: string): string {
  return text.replace(/["'&<>\0]/g, (character) => htmlEscapes[character] ?? "");
}

function escapeJs(text: string): string {
  return text.replace(/["'\\<>&=]|\p{Cc}/gu, (character) => {
    if (`"'\\`.includes(character)) return `\\${character}`;
    return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  });
}
