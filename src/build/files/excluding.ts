import type { Ignore, SourceTree } from "./source-tree.ts";
import { parseIgnore } from "./parse-ignore.ts";

/** The tree without what `patterns` (of `--exclude`, spelled as in a .dockerignore) name. */
export function excluding(tree: SourceTree, patterns: readonly string[]): SourceTree {
  const excluded = parseIgnore(patterns.join("\n"));
  return excluded === undefined ? tree : { ...tree, ignore: both(tree.ignore, excluded) };
}

/** The tree without what `excluded` names, counted from the directory at `path`. */
export function withoutBelow(tree: SourceTree, path: string, excluded: Ignore): SourceTree {
  const start = path === "" ? 0 : path.length + 1;
  const relative: Ignore = {
    hasExceptions: excluded.hasExceptions,
    ignores: (name) => name.length > start && excluded.ignores(name.slice(start)),
    skipsDirectory: (name) => name.length > start && excluded.skipsDirectory(name.slice(start)),
  };
  return { ...tree, ignore: both(tree.ignore, relative) };
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
