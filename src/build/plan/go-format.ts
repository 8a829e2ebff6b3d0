/**
 * Values as Go prints them, because BuildKit's history lines do.
 */

const escapes: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** A string in double quotes, as Go's `%q`. */
export function goQuote(text: string): string {
  let out = "";
  for (const char of text) out += escapes[char] ?? (isPrintable(char) ? char : escapeRune(char));
  return `"${out}"`;
}

function isPrintable(char: string): boolean {
  return char === " " || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char);
}

function escapeRune(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

/** A list of strings, as Go's `%q`: `["a" "b"]`. */
export function goQuoteList(list: readonly string[]): string {
  return `[${list.map(goQuote).join(" ")}]`;
}

/** A list of strings, as Go's `%v`: `[a b]`. */
export function goList(list: readonly string[]): string {
  return `[${list.join(" ")}]`;
}

/** A duration in nanoseconds as Go prints it: `1m30s`, `1.5s`, `300ms`, `0s`. */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  const sign = nanoseconds < 0 ? "-" : "";
  const n = Math.abs(nanoseconds);
  if (n < 1_000) return `${sign}${n}ns`;
  if (n < 1_000_000) return `${sign}${n / 1_000}µs`;
  if (n < 1_000_000_000) return `${sign}${n / 1_000_000}ms`;
  const minutes = Math.floor(n / 60e9);
  const seconds = `${trimNumber((n - minutes * 60e9) / 1e9)}s`;
  if (minutes === 0) return sign + seconds;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60}m${seconds}`;
}

function trimNumber(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, "");
}
