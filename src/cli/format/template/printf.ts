import { formatFloat, formatValue, isNil, JsonNumber, typeName } from "./values.ts";

interface Verb {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly letter: string;
}

/** Go's fmt.Sprintf for the values of a template. Pure. */
export function sprintf(format: string, args: readonly unknown[]): string {
  const rest = [...args];
  const text = format.replace(
    /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?([\s\S])?/gu,
    (whole, flags: string, width?: string, precision?: string, letter?: string) => {
      if (letter === "%") return "%";
      if (letter === undefined) return "%!(NOVERB)";
      const size = (word: string | undefined) => (word === "*" ? Number(rest.shift()) : Number(word));
      const verb = {
        flags,
        width: width === undefined ? undefined : size(width),
        precision: precision === undefined ? undefined : size(precision),
        letter,
      };
      if (rest.length === 0) return `%!${letter}(MISSING)`;
      return pad(formatVerb(verb, rest.shift()), verb);
    },
  );
  if (rest.length === 0) return text;
  const extra = rest.map((arg) => `${typeName(arg, false)}=${formatValue(arg)}`);
  return `${text}%!(EXTRA ${extra.join(", ")})`;
}

function formatVerb(verb: Verb, arg: unknown): string {
  switch (verb.letter) {
    case "v":
      return formatValue(arg);
    case "T":
      return typeName(arg, false);
    case "t":
      return typeof arg === "boolean" ? String(arg) : bad(verb, arg);
    case "s":
      return cut(asText(arg) ?? bad(verb, arg), verb.precision);
    case "q":
      return typeof arg === "number"
        ? quoteCharacter(arg)
        : JSON.stringify(cut(asText(arg) ?? "", verb.precision));
    case "x":
    case "X":
      return hex(verb, arg);
    default:
      return formatNumber(verb, arg);
  }
}

function formatNumber(verb: Verb, arg: unknown): string {
  if (typeof arg !== "number") return bad(verb, arg);
  const { letter, precision = 6 } = verb;
  switch (letter) {
    case "d":
      return Number.isInteger(arg) ? signed(verb, arg, String(Math.abs(arg))) : bad(verb, arg);
    case "b":
    case "o":
      return signed(verb, arg, Math.abs(arg).toString(letter === "b" ? 2 : 8));
    case "c":
      return String.fromCodePoint(arg);
    case "U":
      return `U+${arg.toString(16).toUpperCase().padStart(4, "0")}`;
    case "f":
    case "F":
      return signed(verb, arg, Math.abs(arg).toFixed(precision));
    case "e":
    case "E":
      return exponent(signed(verb, arg, Math.abs(arg).toExponential(precision)), letter);
    case "g":
    case "G":
      return signed(verb, arg, formatFloat(Math.abs(arg)));
    default:
      return bad(verb, arg);
  }
}

function exponent(text: string, letter: string): string {
  const padded = text.replace(/e([+-])(\d)$/, "e$10$2");
  return letter === "E" ? padded.toUpperCase() : padded;
}

function signed({ flags }: Verb, value: number, digits: string): string {
  if (value < 0) return `-${digits}`;
  return flags.includes("+") ? `+${digits}` : flags.includes(" ") ? ` ${digits}` : digits;
}

function hex(verb: Verb, arg: unknown): string {
  const text =
    typeof arg === "number"
      ? signed(verb, arg, Math.abs(arg).toString(16))
      : Buffer.from(asText(arg) ?? "").toString("hex");
  const prefixed = verb.flags.includes("#") ? `0x${text}` : text;
  return verb.letter === "X" ? prefixed.toUpperCase() : prefixed;
}

/** Strings, and what holds them; numbers are none for `%s`. */
function asText(arg: unknown): string | undefined {
  if (typeof arg === "string") return arg;
  if (arg instanceof JsonNumber) return arg.text;
  return typeof arg === "number" || typeof arg === "boolean" || isNil(arg) ? undefined : formatValue(arg);
}

function quoteCharacter(code: number): string {
  return `'${String.fromCodePoint(code)}'`;
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join("");
}

function bad({ letter }: Verb, arg: unknown): string {
  return isNil(arg) ? `%!${letter}(<nil>)` : `%!${letter}(${typeName(arg, false)}=${formatValue(arg)})`;
}

function pad(text: string, { flags, width, letter }: Verb): string {
  const missing = (width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes("-")) return text + " ".repeat(missing);
  if (!flags.includes("0") || "svqT".includes(letter)) return " ".repeat(missing) + text;
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  return sign + "0".repeat(missing) + text.slice(sign.length);
}
