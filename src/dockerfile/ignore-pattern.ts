import { goMatch } from "../internal/go-match.ts";
import { tokenizeIgnorePattern, type IgnoreToken } from "./ignore-tokens.ts";

/**
 * One pattern of a .dockerignore file: as Go's `path.Match`, and `**` matches any number of directories. Matching
 * follows all readings of the pattern side by side, so its time is bounded by pattern times path.
 */
export class IgnorePattern {
  /** `!`: what matches is not ignored after all. */
  readonly isException: boolean;
  /** What every match starts and ends with, to rule most paths out at once. */
  readonly #head: string;
  readonly #tail: string;
  readonly #tokens: readonly IgnoreToken[];
  /** A pattern whose only meta characters are a `**` at one end, or none, is compared as text. */
  readonly #plain: "exact" | "prefix" | "suffix" | undefined;

  /** `pattern` is cleaned, without `!`. Throws `invalid_argument` ("syntax error in pattern"). */
  constructor(pattern: string, isException: boolean) {
    goMatch(pattern, ".");
    this.isException = isException;
    this.#plain = plainKind(pattern);
    this.#tokens = tokenizeIgnorePattern(pattern);
    const meta = this.#tokens.findIndex(({ kind }) => kind !== "char");
    const lastMeta = this.#tokens.findLastIndex(({ kind }) => kind !== "char");
    this.#head = textOf(this.#tokens.slice(0, meta === -1 ? undefined : meta));
    this.#tail = textOf(this.#tokens.slice(lastMeta + 1));
    // Unlike elsewhere, the slash of a leading `**/` belongs to the text that a path must end with.
    if (this.#plain === "suffix") this.#tail = pattern.slice(2);
  }

  matches(path: string): boolean {
    switch (this.#plain) {
      case "exact":
        return path === this.#head;
      case "prefix":
        return path.startsWith(this.#head);
      case "suffix":
        return path.endsWith(this.#tail) || (this.#tail.startsWith("/") && path === this.#tail.slice(1));
      default:
        if (!path.startsWith(this.#head) || !path.endsWith(this.#tail)) return false;
        return this.#run(path).includes(this.#tokens.length);
    }
  }

  /** Whether some path that starts with `prefix` may match. */
  mayMatchBelow(prefix: string): boolean {
    return this.#plain === "suffix" || this.#run(prefix).length > 0;
  }

  /** The readings alive after the path, each the index of the token it waits for; the count of tokens is a match. */
  #run(path: string): readonly number[] {
    const marks = new Int32Array(this.#tokens.length + 1);
    let alive: number[] = [];
    let round = 1;
    this.#enter(0, alive, marks, round);
    for (const char of path) {
      if (alive.length === 0) return alive;
      const next: number[] = [];
      round += 1;
      for (const at of alive) this.#step(at, char, next, marks, round);
      alive = next;
    }
    return alive;
  }

  #step(at: number, char: string, next: number[], marks: Int32Array, round: number): void {
    const token = this.#tokens[at];
    switch (token?.kind) {
      case "char":
        if (token.char === char) this.#enter(at + 1, next, marks, round);
        return;
      case "star":
        if (char !== "/") this.#enter(at, next, marks, round);
        return;
      case "inside":
        this.#enter(at, next, marks, round);
        if (char === "/") this.#enter(at + 1, next, marks, round);
        return;
      case "rest":
        this.#enter(at, next, marks, round);
        return;
      case "any":
        if (char !== "/") this.#enter(at + 1, next, marks, round);
        return;
      case "class":
        if (goMatch(token.pattern, char)) this.#enter(at + 1, next, marks, round);
    }
  }

  /** Adds a reading once, and those it reaches through tokens that may match nothing. */
  #enter(at: number, alive: number[], marks: Int32Array, round: number): void {
    if (marks[at] === round) return;
    marks[at] = round;
    const kind = this.#tokens[at]?.kind;
    if (kind !== "directories") alive.push(at);
    if (kind === "star" || kind === "rest" || kind === "directories")
      this.#enter(at + 1, alive, marks, round);
    if (kind === "directories") this.#enter(at + 2, alive, marks, round);
  }
}

function textOf(tokens: readonly IgnoreToken[]): string {
  return tokens.map((token) => (token.kind === "char" ? token.char : "")).join("");
}

function plainKind(pattern: string): "exact" | "prefix" | "suffix" | undefined {
  if (!/[*?[\]\\]/.test(pattern)) return "exact";
  if (/^\*\*[^*?[\]\\]*$/.test(pattern)) return "suffix";
  return /^[^*?[\]\\]+\*\*\/?$/.test(pattern) ? "prefix" : undefined;
}
