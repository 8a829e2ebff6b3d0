import { SlipwayError } from "../errors.ts";
import { goMatch } from "../internal/go-match.ts";

/**
 * One pattern of a .dockerignore file: as Go's `path.Match`, and `**` matches any number of directories. Matching
 * follows all readings of the pattern side by side, so its time is bounded by pattern times path.
 */
export class IgnorePattern {
  /** `!`: what matches is not ignored after all. */
  readonly isException: boolean;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  /** A pattern whose only meta characters are a `**` at one end, or none, is compared as text. */
  readonly #plain: "exact" | "prefix" | "suffix" | undefined;

  /** `pattern` is cleaned, without `!`. Throws `invalid_argument` ("syntax error in pattern"). */
  constructor(pattern: string, isException: boolean) {
    goMatch(pattern, ".");
    this.isException = isException;
    this.#plain = plainKind(pattern);
    this.#tokens = tokenize(pattern);
    this.#text = this.#plain === "suffix" ? pattern.slice(2) : pattern.replace(/\*\*\/?$/, "");
  }

  matches(path: string): boolean {
    const text = this.#text;
    if (this.#plain === "exact") return path === text;
    if (this.#plain === "prefix") return path.startsWith(text);
    if (this.#plain === "suffix")
      return path.endsWith(text) || (text.startsWith("/") && path === text.slice(1));
    return this.#run(path)[this.#tokens.length] === 1;
  }

  /** Whether some path that starts with `prefix` may match. */
  mayMatchBelow(prefix: string): boolean {
    if (this.#plain === "suffix") return true;
    return this.#run(prefix).includes(1);
  }

  /** The readings that are alive after the path: one flag for each token, and the last for a match. */
  #run(path: string): Uint8Array {
    let alive = new Uint8Array(this.#tokens.length + 1);
    alive[0] = 1;
    skipEmpty(this.#tokens, alive);
    for (const char of path) {
      const next = new Uint8Array(alive.length);
      for (const [at, token] of this.#tokens.entries()) if (alive[at] === 1) step(token, at, char, next);
      skipEmpty(this.#tokens, next);
      alive = next;
    }
    return alive;
  }
}

type Token =
  /** any characters but a slash */
  | { readonly kind: "star" }
  /** nothing, or whole directories with their slash: this one is where it begins, the next is its inside */
  | { readonly kind: "directories" }
  | { readonly kind: "inside" }
  /** anything */
  | { readonly kind: "rest" }
  | { readonly kind: "one"; readonly matches: (char: string) => boolean };

function step(token: Token, at: number, char: string, next: Uint8Array): void {
  switch (token.kind) {
    case "star":
      if (char !== "/") next[at] = 1;
      return;
    case "directories":
      return;
    case "inside":
      next[at] = 1;
      if (char === "/") next[at + 1] = 1;
      return;
    case "rest":
      next[at] = 1;
      return;
    case "one":
      if (token.matches(char)) next[at + 1] = 1;
  }
}

/** Tokens that may match nothing pass their place on. All go forward, so one pass is enough. */
function skipEmpty(tokens: readonly Token[], alive: Uint8Array): void {
  for (const [at, { kind }] of tokens.entries()) {
    if (alive[at] !== 1) continue;
    if (kind === "star" || kind === "rest") alive[at + 1] = 1;
    if (kind === "directories") alive[at + 1] = alive[at + 2] = 1;
  }
}

function plainKind(pattern: string): "exact" | "prefix" | "suffix" | undefined {
  if (!/[*?[\]\\]/.test(pattern)) return "exact";
  if (/^\*\*[^*?[\]\\]*$/.test(pattern)) return "suffix";
  return /^[^*?[\]\\]+\*\*\/?$/.test(pattern) ? "prefix" : undefined;
}

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  let rest = pattern;
  while (rest !== "") {
    const [taken = ""] = /^(?:\*\*\/?|\\[^]|\[\^?(?:\\[^]|[^\\\]])+\]|[^])/u.exec(rest) ?? [];
    rest = rest.slice(taken.length);
    tokens.push(...toTokens(taken, rest === ""));
  }
  return tokens;
}

function toTokens(taken: string, isLast: boolean): Token[] {
  if (taken.startsWith("**"))
    return isLast ? [{ kind: "rest" }] : [{ kind: "directories" }, { kind: "inside" }];
  if (taken === "*") return [{ kind: "star" }];
  if (taken === "?") return [{ kind: "one", matches: (char) => char !== "/" }];
  if (taken.startsWith("[") && taken.length > 1) return [charClass(taken)];
  const literal = taken.startsWith("\\") && taken.length > 1 ? taken.slice(1) : taken;
  return [{ kind: "one", matches: (char) => char === literal }];
}

function charClass(text: string): Token {
  // A range that runs backwards is refused here, as it never could match.
  for (const [, low = "", high = ""] of text.slice(1, -1).matchAll(/(?:\\)?([^])-(?:\\)?([^])/gu))
    if (low > high) throw new SlipwayError("invalid_argument", "syntax error in pattern");
  return { kind: "one", matches: (char) => goMatch(text, char) };
}
