import { errorMessage, SlipwayError } from "../errors.ts";
import { goMatch } from "../internal/go-match.ts";
import { tokenizeIgnorePattern, type IgnoreToken } from "./ignore-tokens.ts";

/**
 * One pattern of a .dockerignore file: as Go's `path.Match`, and `**` matches any number of directories. Matching
 * follows all readings of the pattern side by side, so its time is bounded by pattern times path.
 */
export class IgnorePattern {
  /** `!`: what matches is not ignored after all. */
  readonly isException: boolean;
  readonly #pattern: string;
  #compiled: Compiled | undefined;
  #isMalformed = false;

  /**
   * `pattern` is cleaned, without `!`. Throws `invalid_argument` ("syntax error in pattern") as far as moby looks at it
   * beforehand; the rest of it is read when a path is first held against it.
   */
  constructor(pattern: string, isException: boolean) {
    checkBeginning(pattern);
    this.#pattern = pattern;
    this.isException = isException;
  }

  /** Whether it can be held against paths at all. */
  get isWellFormed(): boolean {
    if (this.#isMalformed) return false;
    try {
      return this.#read() !== undefined;
    } catch {
      this.#isMalformed = true;
      return false;
    }
  }

  /** Throws `invalid_argument` when the pattern is malformed. */
  matches(path: string): boolean {
    const { plain, head, tail, tokens } = this.#read();
    switch (plain) {
      case "exact":
        return path === head;
      case "prefix":
        return path.startsWith(head);
      case "suffix":
        return path.endsWith(tail) || (tail.startsWith("/") && path === tail.slice(1));
      default:
        if (!path.startsWith(head) || !path.endsWith(tail)) return false;
        return this.#run(path, tokens).includes(tokens.length);
    }
  }

  /** Whether some path that starts with `prefix` may match. */
  mayMatchBelow(prefix: string): boolean {
    if (!this.isWellFormed) return true;
    const { plain, tokens } = this.#read();
    return plain === "suffix" || this.#run(prefix, tokens).length > 0;
  }

  #read(): Compiled {
    try {
      return (this.#compiled ??= compile(this.#pattern));
    } catch (cause) {
      const what = `Invalid pattern "${this.#pattern}" in .dockerignore: ${errorMessage(cause)}`;
      throw new SlipwayError("invalid_argument", what, { cause });
    }
  }

  /** The readings alive after the path, each the index of the token it waits for; the count of tokens is a match. */
  #run(path: string, tokens: readonly IgnoreToken[]): readonly number[] {
    const marks = new Int32Array(tokens.length + 1);
    let alive: number[] = [];
    let round = 1;
    enter(tokens, 0, alive, { marks, round });
    for (const char of path) {
      if (alive.length === 0) return alive;
      const next: number[] = [];
      round += 1;
      for (const at of alive) step(tokens, at, char, next, { marks, round });
      alive = next;
    }
    return alive;
  }
}

/** Which readings were met in this round. */
interface Seen {
  readonly marks: Int32Array;
  readonly round: number;
}

function step(tokens: readonly IgnoreToken[], at: number, char: string, next: number[], seen: Seen): void {
  const token = tokens[at];
  switch (token?.kind) {
    case "char":
      if (token.char === char) enter(tokens, at + 1, next, seen);
      return;
    case "star":
      if (char !== "/") enter(tokens, at, next, seen);
      return;
    case "inside":
      enter(tokens, at, next, seen);
      if (char === "/") enter(tokens, at + 1, next, seen);
      return;
    case "rest":
      enter(tokens, at, next, seen);
      return;
    case "any":
      if (char !== "/") enter(tokens, at + 1, next, seen);
      return;
    case "class":
      if (goMatch(token.pattern, char)) enter(tokens, at + 1, next, seen);
  }
}

/** Adds a reading once, and those it reaches through tokens that may match nothing. */
function enter(tokens: readonly IgnoreToken[], at: number, alive: number[], seen: Seen): void {
  if (seen.marks[at] === seen.round) return;
  seen.marks[at] = seen.round;
  const kind = tokens[at]?.kind;
  if (kind !== "directories") alive.push(at);
  if (kind === "star" || kind === "rest" || kind === "directories") enter(tokens, at + 1, alive, seen);
  if (kind === "directories") enter(tokens, at + 2, alive, seen);
}

interface Compiled {
  readonly tokens: readonly IgnoreToken[];
  /** What every match starts and ends with, to rule most paths out at once. */
  readonly head: string;
  readonly tail: string;
  /** A pattern whose only meta characters are a `**` at one end, or none, is compared as text. */
  readonly plain: "exact" | "prefix" | "suffix" | undefined;
}

function compile(pattern: string): Compiled {
  goMatch(pattern, ".");
  const tokens = tokenizeIgnorePattern(pattern);
  const plain = plainKind(pattern);
  const meta = tokens.findIndex(({ kind }) => kind !== "char");
  const lastMeta = tokens.findLastIndex(({ kind }) => kind !== "char");
  const head = textOf(tokens.slice(0, meta === -1 ? undefined : meta));
  // Unlike elsewhere, the slash of a leading `**/` belongs to the text that a path must end with.
  const tail = plain === "suffix" ? pattern.slice(2) : textOf(tokens.slice(lastMeta + 1));
  return { tokens, head, tail, plain };
}

/**
 * Reads a pattern as far as Go's `filepath.Match` does to hold it against `.`: the part up to the first `*` behind
 * something, and the next one when that part was the dot. Throws `invalid_argument`.
 */
function checkBeginning(pattern: string): void {
  const [first = "", second = ""] = parts(pattern);
  if (first !== "" && goMatch(first, ".") && second !== "") goMatch(second, "");
}

/** What stands between runs of `*`, those in brackets not counted; the one at the start is left out. */
function parts(pattern: string): string[] {
  const found: string[] = [];
  let rest = pattern;
  while (rest !== "") {
    rest = rest.replace(/^\*+/, "");
    const [part = ""] = /^(?:\\.?|\[(?:\\.?|[^\]\\])*\]?|[^*[\\])*/su.exec(rest) ?? [];
    found.push(part);
    rest = rest.slice(part.length);
  }
  return found;
}

function textOf(tokens: readonly IgnoreToken[]): string {
  return tokens.map((token) => (token.kind === "char" ? token.char : "")).join("");
}

function plainKind(pattern: string): "exact" | "prefix" | "suffix" | undefined {
  if (!/[*?[\]\\]/.test(pattern)) return "exact";
  if (/^\*\*[^*?[\]\\]*$/.test(pattern)) return "suffix";
  return /^[^*?[\]\\]+\*\*\/?$/.test(pattern) ? "prefix" : undefined;
}
