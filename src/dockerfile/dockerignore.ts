import { SlipwayError } from "../errors.ts";
import { cleanPath, parentPath } from "../internal/go-path.ts";
import { trimSpace } from "./go-space.ts";
import { IgnorePattern } from "./ignore-pattern.ts";

/** More directories than this are not remembered at once. */
const maxRemembered = 4096;

/**
 * Parses a .dockerignore file (Docker documentation, "Build context", ".dockerignore files"). Throws
 * `invalid_argument`.
 */
export function parseDockerignore(text: string): IgnoreMatcher {
  return new IgnoreMatcher(readPatterns(text));
}

/** The file's patterns, cleaned: no comments, no empty lines, no slash at the start. */
export function readPatterns(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  return lines.flatMap((line) => {
    const pattern = trimSpace(line);
    if (line.startsWith("#") || pattern === "") return [];
    const isException = pattern.startsWith("!");
    const path = cleanPattern(isException ? trimSpace(pattern.slice(1)) : pattern);
    return [isException ? `!${path}` : path];
  });
}

/** Decides which files of a build context are left out. The last pattern that matches a path or a parent of it wins. */
export class IgnoreMatcher {
  readonly #patterns: readonly IgnorePattern[];
  /** For a directory: which patterns match it or a parent of it. Walks ask for the same ones again and again. */
  readonly #remembered = new Map<string, Uint8Array>();

  /** Throws `invalid_argument` for a malformed pattern and for `!` alone. */
  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.flatMap(toPattern);
  }

  get isEmpty(): boolean {
    return this.#patterns.length === 0;
  }

  /** Whether some pattern takes paths back in (`!`). */
  get hasExceptions(): boolean {
    return this.#patterns.some(({ isException }) => isException);
  }

  /** Whether the path, relative to the context and with forward slashes, is left out. */
  ignores(path: string): boolean {
    const above = this.#matchedBy(parentPath(path));
    let ignored = false;
    for (const [index, pattern] of this.#patterns.entries()) {
      // Only a pattern that would change the answer is looked at.
      if (pattern.isException !== ignored) continue;
      if (above[index] === 1 || pattern.matches(path)) ignored = !pattern.isException;
    }
    return ignored;
  }

  /** Whether the directory and everything below it is left out: a walk need not enter it. */
  skipsDirectory(directory: string): boolean {
    if (!this.ignores(directory)) return false;
    return !this.#patterns.some((pattern) => pattern.isException && pattern.mayMatchBelow(`${directory}/`));
  }

  #matchedBy(directory: string): Uint8Array {
    const known = this.#remembered.get(directory);
    if (known !== undefined) return known;
    const matched = new Uint8Array(this.#patterns.length);
    if (directory !== ".")
      for (const parent of prefixes(directory))
        for (const [index, pattern] of this.#patterns.entries())
          if (matched[index] === 0 && pattern.isWellFormed && pattern.matches(parent)) matched[index] = 1;
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    this.#remembered.set(directory, matched);
    return matched;
  }
}

function cleanPattern(path: string): string {
  if (path === "") return "";
  const clean = cleanPath(path);
  return clean.length > 1 && clean.startsWith("/") ? clean.slice(1) : clean;
}

function toPattern(text: string): IgnorePattern[] {
  const trimmed = trimSpace(text);
  if (trimmed === "") return [];
  const pattern = cleanPath(trimmed);
  if (pattern === "!") throw new SlipwayError("invalid_argument", 'illegal exclusion pattern: "!"');
  const isException = pattern.startsWith("!");
  try {
    return [new IgnorePattern(isException ? pattern.slice(1) : pattern, isException)];
  } catch (cause) {
    if (!(cause instanceof SlipwayError)) throw cause;
    throw new SlipwayError(
      "invalid_argument",
      `Invalid pattern "${trimmed}" in .dockerignore: ${cause.message}`,
      {
        cause,
      },
    );
  }
}

/** `a/b/c`: `a`, `a/b`, `a/b/c`. */
function prefixes(directory: string): string[] {
  const parts = directory.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
