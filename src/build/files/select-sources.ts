import { posix } from "node:path";
import { SlipwayError } from "../../errors.ts";
import { goMatch, hasMeta } from "../../internal/go-match.ts";
import { resolvePath } from "./resolve-path.ts";
import { withoutBelow } from "./excluding.ts";
import { lstat, walkTree, type Ignore, type SourceTree, type TreeEntry } from "./source-tree.ts";
import { isDirectory as isDirectoryStat } from "../../platform/stat.ts";

/** What one source of a COPY comes to. */
export interface SelectedSource {
  /** The last name of the path as written: what a file is called in a destination directory. */
  readonly name: string;
  /** Where it is, links followed, relative to the tree's root; "" for the root itself. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** For a directory: what it holds, at any depth, without itself. For a file: that file. */
  readonly entries: readonly TreeEntry[];
}

/**
 * What the sources of a COPY name, in their order: a pattern stands for every path it matches. A pattern may match
 * nothing; a plain path must be there. `excluded` counts from a source that is a directory; a file it names by its whole
 * path or its name is left out. Throws `not_found` with Docker's words.
 */
export function selectSources(
  tree: SourceTree,
  sources: readonly string[],
  excluded?: Ignore,
): SelectedSource[] {
  return sources.flatMap((source) => {
    const path = source.replace(/^\/+|\/+$/g, "");
    const names = hasMeta(path) ? matchPaths(tree, path) : [path];
    return names.flatMap((name) => selectOne(tree, name, excluded) ?? []);
  });
}

function selectOne(
  tree: SourceTree,
  written: string,
  excluded: Ignore | undefined,
): SelectedSource | undefined {
  const path = resolvePath(tree, `/${written}`);
  const name = posix.basename(written);
  const isDirectory = isDirectoryStat(lstat(tree, path));
  if (!isDirectory && (excluded?.ignores(written) === true || excluded?.ignores(name) === true))
    return undefined;
  const within = excluded === undefined ? tree : withoutBelow(tree, path, excluded);
  const entries = walkTree(within, path).filter((entry) => !isDirectory || entry.path !== path);
  const isMissing = !isDirectory && entries.length === 0;
  const isHidden = isDirectory && path !== "" && entries.length === 0 && tree.ignore?.ignores(path) === true;
  if (isMissing || isHidden) throw new SlipwayError("not_found", `"/${written}": not found`);
  return { name, path, isDirectory, entries };
}

/** Paths that match a pattern, name by name, in order. */
export function matchPaths(tree: SourceTree, pattern: string): string[] {
  const parts = pattern.split("/");
  const prefix: string[] = [];
  while (parts.length > 1 && !hasMeta(parts[0] ?? "")) prefix.push(parts.shift() ?? "");
  const start = prefix.join("/");
  let root: string;
  try {
    root = resolvePath(tree, `/${start}`);
  } catch {
    return [];
  }
  if (!isDirectoryStat(lstat(tree, root))) return [];
  const inside = root === "" ? "" : `${root}/`;
  const found = new Set<string>();
  for (const entry of walkTree(tree, root)) {
    if (!entry.path.startsWith(inside)) continue;
    const relative = entry.path.slice(inside.length);
    if (relative.split("/").length === parts.length && goMatch(parts.join("/"), relative))
      found.add(start === "" ? relative : `${start}/${relative}`);
  }
  return [...found].sort();
}
