/**
 * One option of a command, as pflag knows it. `parse` takes the text behind the flag and the value so far; it throws
 * an Error whose message goes behind `invalid argument "x" for "--flag" flag: `.
 */
export interface Flag<T> {
  readonly short?: string | undefined;
  /** What `--help` shows as the value's kind: `string`, `list`, `int`; empty for a switch. */
  readonly kind: string;
  readonly help: string;
  readonly initial: T;
  /** Not in `--help`. */
  readonly hidden?: boolean;
  /** Another long name that Docker still takes; not in `--help`. */
  readonly alias?: string | undefined;
  /** The text a flag without a value stands for: `true` for switches. Undefined: a value must follow. */
  readonly bare?: string | undefined;
  parse(text: string, before: T): T;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

type Options = { short?: string | undefined };

/** `--flag` alone is true; `--flag=false` is possible. */
export function bool(
  help: string,
  { short, initial = false }: Options & { initial?: boolean } = {},
): Flag<boolean> {
  return { short, kind: "", help, initial, bare: "true", parse: parseBool };
}

/** A text, `initial` (default: empty) when it is not given. */
export function string(help: string, o: Options & { initial?: string; kind?: string } = {}): Flag<string> {
  return { short: o.short, kind: o.kind ?? "string", help, initial: o.initial ?? "", parse: (text) => text };
}

/** A text that may be absent: tells `--flag ""` from no flag at all. */
export function optional(help: string, o: Options & { kind?: string } = {}): Flag<string | undefined> {
  return { short: o.short, kind: o.kind ?? "string", help, initial: undefined, parse: (text) => text };
}

interface ListOptions extends Options {
  readonly kind?: string;
  readonly alias?: string;
  /** What is kept of a text; throws when it is none of this list. */
  readonly check?: (text: string) => string;
}

/** May be given several times. */
export function list(help: string, o: ListOptions = {}): Flag<readonly string[]> {
  const { check = (text: string) => text } = o;
  return {
    short: o.short,
    kind: o.kind ?? "list",
    alias: o.alias,
    help,
    initial: [],
    parse: (text, before) => [...before, check(text)],
  };
}

/** A whole number; undefined when it is not given. */
export function integer(help: string, o: Options & { kind?: string } = {}): Flag<number | undefined> {
  return { short: o.short, kind: o.kind ?? "int", help, initial: undefined, parse: parseInteger };
}

/** A number with or without decimals; undefined when it is not given. */
export function decimal(help: string, o: Options = {}): Flag<number | undefined> {
  return { short: o.short, kind: "decimal", help, initial: undefined, parse: parseDecimal };
}

/** A value with a grammar of its own. */
export function parsed<T>(
  kind: string,
  help: string,
  parse: (text: string) => T,
  o: Options = {},
): Flag<T | undefined> {
  return { short: o.short, kind, help, initial: undefined, parse };
}

/** May be given several times; each text has a grammar of its own. */
export function parsedList<T>(kind: string, help: string, parse: (text: string) => T): Flag<readonly T[]> {
  return { kind, help, initial: [], parse: (text, before) => [...before, parse(text)] };
}

/**
 * An option of Docker's that cannot be given here: it is known by name, and refused with the reason. A switch may be
 * set to what it is anyway (`initial`). Not in `--help`.
 */
export function refused(
  why: string,
  o: Options & { switch?: boolean; initial?: boolean } = {},
): Flag<undefined> {
  const parse = (text: string) => {
    if (o.switch === true && parseBool(text) === (o.initial ?? false)) return undefined;
    throw new Error(`not supported: ${why}`);
  };
  const bare = o.switch === true ? { bare: "true" } : {};
  return {
    short: o.short,
    kind: o.switch === true ? "" : "string",
    help: why,
    initial: undefined,
    hidden: true,
    ...bare,
    parse,
  };
}

/** Go's strconv.ParseBool. */
function parseBool(text: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new Error(`strconv.ParseBool: parsing "${text}": invalid syntax`);
}

function parseInteger(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new Error(`strconv.ParseInt: parsing "${text}": invalid syntax`);
}

function parseDecimal(text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) return Number(text);
  throw new Error(`failed to parse ${text} as a rational number`);
}
