/** One way in that a registry offers: `Bearer realm="…",service="…",scope="…"` (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** Lower case. */
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const longest = 8192;
const most = 8;
const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;

/**
 * Reads a `WWW-Authenticate` header, several joined by commas included. What is malformed ends the reading: the
 * challenges before it count. A header longer than 8 KiB counts as none.
 */
export function parseChallenges(header: string | null): Challenge[] {
  const text = header === null || header.length > longest ? "" : header;
  const found: Challenge[] = [];
  let at = skip(text, 0);
  while (at < text.length && found.length < most) {
    const scheme = match(text, at);
    if (scheme === undefined) return found;
    const parameters = new Map<string, string>();
    at = readParameters(text, at + scheme.length, parameters);
    found.push({ scheme: scheme.toLowerCase(), parameters });
  }
  return found;
}

/** Reads `name=value` pairs from `at`; stops before the next scheme. */
function readParameters(text: string, from: number, into: Map<string, string>): number {
  let at = skip(text, from);
  while (at < text.length) {
    const name = match(text, at);
    if (name === undefined) return text.length;
    const equals = skipSpaces(text, at + name.length);
    if (text[equals] !== "=") return at;
    const value = readValue(text, skipSpaces(text, equals + 1));
    if (value === undefined) return text.length;
    if (!into.has(name.toLowerCase())) into.set(name.toLowerCase(), value.text);
    at = skip(text, value.end);
  }
  return at;
}

function readValue(text: string, at: number): { text: string; end: number } | undefined {
  if (text[at] !== '"') {
    const bare = match(text, at);
    return bare === undefined ? undefined : { text: bare, end: at + bare.length };
  }
  let value = "";
  for (let i = at + 1; i < text.length; i += 1) {
    if (text[i] === '"') return { text: value, end: i + 1 };
    if (text[i] === "\\") i += 1;
    value += text[i] ?? "";
  }
  return undefined;
}

function match(text: string, at: number): string | undefined {
  token.lastIndex = at;
  return token.exec(text)?.[0];
}

function skip(text: string, from: number): number {
  let at = from;
  while (at < text.length && /[\s,]/.test(text[at] ?? "")) at += 1;
  return at;
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at += 1;
  return at;
}
