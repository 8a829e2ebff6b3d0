import { SlipwayError } from "../errors.ts";

type Token =
  | { readonly kind: "star" }
  | { readonly kind: "any" }
  | { readonly kind: "char"; readonly char: string };

/**
 * A shell pattern of a substitution (`${name#pattern}`): `*` and `?` match anything but a newline, `\` quotes one of
 * `* ? \ } /`. Matching takes time in proportion to text times pattern, whatever the pattern.
 */
export class ShellPattern {
  readonly #tokens: readonly Token[];

  /** Throws `invalid_argument` for any other escape. */
  constructor(pattern: string) {
    this.#tokens = parseTokens(pattern);
  }

  /** Without the shortest or longest part at the start that matches. */
  trimPrefix(text: string, longest: boolean): string {
    const chars = [...text];
    const end = matchEnd(this.#tokens, chars, 0, longest);
    return end === undefined ? text : chars.slice(end).join("");
  }

  /** Without the shortest or longest part at the end that matches. */
  trimSuffix(text: string, longest: boolean): string {
    const chars = [...text].toReversed();
    const end = matchEnd(this.#tokens.toReversed(), chars, 0, longest);
    return end === undefined ? text : chars.slice(end).toReversed().join("");
  }

  /** The longest match at the leftmost place, or all of them that do not overlap, replaced. */
  replace(text: string, replacement: string, all: boolean): string {
    const chars = [...text];
    let result = "";
    let at = 0;
    let lastEnd = -1;
    while (at <= chars.length) {
      const end = matchEnd(this.#tokens, chars, at, true);
      // An empty match right after a match is none.
      if (end !== undefined && !(end === at && at === lastEnd)) {
        result += replacement;
        if (!all) return result + chars.slice(end).join("");
        lastEnd = end;
        if (end > at) {
          at = end;
          continue;
        }
      }
      result += chars[at] ?? "";
      at += 1;
    }
    return result;
  }
}

function parseTokens(pattern: string): Token[] {
  const chars = [...pattern];
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length; at += 1) {
    let char = chars[at] ?? "";
    if (char === "*") tokens.push({ kind: "star" });
    else if (char === "?") tokens.push({ kind: "any" });
    else {
      if (char === "\\") {
        at += 1;
        char = chars[at] ?? "";
        if (char === "" || !"*?\\}/".includes(char))
          throw new SlipwayError("invalid_argument", `invalid escape '\\${char}'`);
      }
      tokens.push({ kind: "char", char });
    }
  }
  return tokens;
}

/** Where a match that starts at `start` ends: all positions in the pattern are followed side by side. */
function matchEnd(
  tokens: readonly Token[],
  chars: readonly string[],
  start: number,
  longest: boolean,
): number | undefined {
  let states = reach(tokens, new Set([0]));
  let end: number | undefined;
  for (let at = start; ; at += 1) {
    if (states.has(tokens.length)) {
      end = at;
      if (!longest) return end;
    }
    const char = chars[at];
    if (char === undefined || states.size === 0) return end;
    states = reach(tokens, step(tokens, states, char));
  }
}

function step(tokens: readonly Token[], states: ReadonlySet<number>, char: string): Set<number> {
  const next = new Set<number>();
  for (const state of states) {
    const token = tokens[state];
    if (token === undefined) continue;
    if (token.kind === "char") {
      if (token.char === char) next.add(state + 1);
    } else if (char !== "\n") next.add(token.kind === "star" ? state : state + 1);
  }
  return next;
}

/** A star may match nothing. Added states are visited too: a set's iteration goes on to them. */
function reach(tokens: readonly Token[], states: Set<number>): Set<number> {
  for (const state of states) if (tokens[state]?.kind === "star") states.add(state + 1);
  return states;
}
