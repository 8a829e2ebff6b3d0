import type { Ignore, SourceTree } from "./source-tree.ts";
import { parseIgnore } from "./parse-ignore.ts";

/** The tree without what `patterns` (of `--exclude`, spelled as in a .dockerignore) name. */
export function excluding(tree: SourceTree, patterns: readonly string[]): SourceTree {
  const excluded = parseIgnore(patterns.join("\n"));
  return excluded === undefined ? tree : { ...tree, ignore: both(tree.ignore, excluded) };
}

function both(a: Ignore | undefined, b: Ignore): Ignore {
  if (a === undefined) return b;
  return {
    hasExceptions: a.hasExceptions || b.hasExceptions,
    ignores: (path) => a.ignores(path) || b.ignores(path),
    skipsDirectory: (path) =>
      (a.ignores(path) && a.skipsDirectory(path)) || (b.ignores(path) && b.skipsDirectory(path)),
  };
}
