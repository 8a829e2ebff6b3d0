import { SlipwayError } from "../errors.ts";

/** A piece of a .dockerignore pattern. */
export type IgnoreToken =
  | { readonly kind: "char"; readonly char: string }
  /** any character but a slash */
  | { readonly kind: "any" }
  /** any characters but a slash */
  | { readonly kind: "star" }
  /** nothing, or whole directories with their slash: this one is where it begins, `inside` follows it */
  | { readonly kind: "directories" }
  | { readonly kind: "inside" }
  /** anything */
  | { readonly kind: "rest" }
  /** `[a-z]`, as written */
  | { readonly kind: "class"; readonly pattern: string };

const tokenPattern = /\*\*\/?|\\[^]|\[\^?(?:\\[^]|[^\\\]])+\]|[^]/gu;

/** Throws `invalid_argument` for a range that runs backwards; other malformed patterns were refused before. */
export function tokenizeIgnorePattern(pattern: string): readonly IgnoreToken[] {
  return [...pattern.matchAll(tokenPattern)].flatMap(({ 0: text, index }) =>
    toTokens(text, index + text.length === pattern.length),
  );
}

function toTokens(text: string, isLast: boolean): IgnoreToken[] {
  if (text.startsWith("**"))
    return isLast ? [{ kind: "rest" }] : [{ kind: "directories" }, { kind: "inside" }];
  if (text === "*") return [{ kind: "star" }];
  if (text === "?") return [{ kind: "any" }];
  if (text.startsWith("[") && text.length > 1) return [{ kind: "class", pattern: checkRanges(text) }];
  return [{ kind: "char", char: text.startsWith("\\") && text.length > 1 ? text.slice(1) : text }];
}

function checkRanges(text: string): string {
  for (const [, low = "", high = ""] of text.slice(1, -1).matchAll(/\\?([^])-\\?([^])/gu))
    if (low > high) throw new SlipwayError("invalid_argument", "syntax error in pattern");
  return text;
}
