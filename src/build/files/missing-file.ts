import { lstatSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { didYouMean } from "../../dockerfile/suggest.ts";
import { resolvePath } from "./resolve-path.ts";
import type { SourceTree } from "./source-tree.ts";

/**
 * Why a file that an instruction names is not there, to be put behind `not found`: .dockerignore leaves it out, the path
 * was to lead out of the tree, another name is near. `written` is the instruction. Empty when nothing can be said.
 */
export function missingFileHint(tree: SourceTree, path: string, written: string): string {
  const names = path.split("/").filter(Boolean);
  const parent = deepestParent(tree, names);
  if (parent === undefined) return "";
  if (parent.depth === names.length) return tree.ignore === undefined ? "" : " (left out by .dockerignore)";
  if (/(^|[\s"'=])\.\.\//.test(written)) return " (no path leads out of the context)";
  const here = readdirSync(`${tree.root}/${parent.path}`).filter(
    (name) => tree.ignore?.ignores(posix.join(parent.path, name)) !== true,
  );
  if (here.length === 0 && parent.depth === 0) return " (there are no files)";
  return didYouMean(names[parent.depth] ?? "", here);
}

/**
 * How many of the names are there, from the root on, and the directory in which the next one is not; undefined when
 * something else than a directory is in the way.
 */
function deepestParent(
  tree: SourceTree,
  names: readonly string[],
): { readonly depth: number; readonly path: string } | undefined {
  let path = "";
  for (const [depth, name] of names.entries()) {
    const next = posix.join(path, name);
    if (lstatSync(`${tree.root}/${next}`, { throwIfNoEntry: false }) === undefined) return { depth, path };
    if (depth + 1 === names.length) break;
    try {
      path = resolvePath(tree, `/${next}`);
      if (!lstatSync(`${tree.root}/${path}`).isDirectory()) return undefined;
    } catch {
      return undefined;
    }
  }
  return { depth: names.length, path };
}
