import { SlipwayError } from "../errors.ts";

/**
 * Whether the shell pattern matches the whole name, by the rules of Go's `path.Match`, which Docker uses for COPY
 * sources, image patterns and .dockerignore: `*` and `?` stop at `/`, `[a-z]` and `[^a-z]` are classes, `\` takes
 * the next character as it is. Throws `invalid_argument` ("syntax error in pattern") for a malformed pattern, also
 * where the mismatch was certain before the malformed part.
 */
export function goMatch(pattern: string, name: string): boolean {
  const tokens = parsePattern(pattern);
  return matchTokens(tokens, [...name]);
}

/** Whether the name would be a pattern: it has a character that means something to {@link goMatch}. */
export function hasMeta(name: string): boolean {
  return /[*?[\\]/.test(name);
}

type Token =
  | { readonly kind: "star" }
  | { readonly kind: "any" }
  | { readonly kind: "literal"; readonly char: string }
  | {
      readonly kind: "class";
      readonly negated: boolean;
      readonly ranges: readonly (readonly [number, number])[];
    };

function parsePattern(pattern: string): Token[] {
  const chars = [...pattern];
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? "";
    if (char === "*") tokens.push({ kind: "star" });
    else if (char === "?") tokens.push({ kind: "any" });
    else if (char === "[") {
      const parsed = parseClass(chars, at + 1);
      tokens.push(parsed.token);
      at = parsed.end;
    } else if (char === "\\") {
      at += 1;
      tokens.push({ kind: "literal", char: chars[at] ?? fail() });
    } else tokens.push({ kind: "literal", char });
  }
  return tokens;
}

/** Reads a class after its `[`; `end` is the place of its `]`. At least one range must be there. */
function parseClass(chars: readonly string[], start: number): { token: Token; end: number } {
  let at = start;
  const negated = chars[at] === "^";
  if (negated) at += 1;
  const ranges: [number, number][] = [];
  while (ranges.length === 0 || chars[at] !== "]") {
    const low = classChar(chars, at);
    at = low.next;
    let high = low;
    if (chars[at] === "-") {
      high = classChar(chars, at + 1);
      at = high.next;
    }
    if (at >= chars.length) fail();
    ranges.push([low.code, high.code]);
  }
  return { token: { kind: "class", negated, ranges }, end: at };
}

function classChar(chars: readonly string[], at: number): { code: number; next: number } {
  const char = chars[at];
  if (char === undefined || char === "-" || char === "]") return fail();
  const escaped = char === "\\";
  const taken = escaped ? (chars[at + 1] ?? fail()) : char;
  return { code: taken.codePointAt(0) ?? 0, next: at + (escaped ? 2 : 1) };
}

/** Backtracks to the last star only: a later star makes the earlier ones' choice irrelevant, but `/` stops it. */
function matchTokens(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let star: { token: number; at: number } | undefined;
  while (at < name.length || token < tokens.length) {
    const current = tokens[token];
    const char = name[at];
    if (current?.kind === "star") {
      star = { token, at };
      token += 1;
    } else if (current !== undefined && char !== undefined && matchOne(current, char)) {
      token += 1;
      at += 1;
    } else {
      const skipped = star === undefined ? undefined : name[star.at];
      if (star === undefined || skipped === undefined || skipped === "/") return false;
      star = { token: star.token, at: star.at + 1 };
      token = star.token + 1;
      at = star.at;
    }
  }
  return true;
}

function matchOne(token: Token, char: string): boolean {
  if (token.kind === "literal") return token.char === char;
  if (char === "/" && token.kind === "any") return false;
  if (token.kind !== "class") return token.kind === "any";
  const code = char.codePointAt(0) ?? 0;
  return token.ranges.some(([low, high]) => low <= code && code <= high) !== token.negated;
}

function fail(): never {
  throw new SlipwayError("invalid_argument", "syntax error in pattern");
}
