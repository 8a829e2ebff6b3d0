import { posix } from "node:path";
import { isCode, SlipwayError } from "../../errors.ts";
import { IgnorePattern } from "../../dockerfile/ignore-pattern.ts";
import { hasMeta } from "../../internal/go-match.ts";
import { resolvePath } from "./resolve-path.ts";
import { matchPaths, type SelectedSource } from "./select-sources.ts";
import { lstat, treeEntry, walkTree, type SourceTree, type TreeEntry } from "./source-tree.ts";
import { isDirectory } from "../../platform/stat.ts";

/** What stands before it in a source is not kept (Dockerfile reference, "COPY --parents"). */
const pivot = "/./";

/** The source of a `COPY --parents`: from where on directories are kept, and which paths below. Both without slashes. */
export function splitPivot(source: string): { readonly base: string; readonly pattern: string } {
  const at = source.indexOf(pivot);
  const [before, after] = at === -1 ? ["", source] : [source.slice(0, at), source.slice(at + pivot.length)];
  const clean = (path: string): string => posix.resolve("/", path).slice(1);
  return { base: clean(before), pattern: clean(after) };
}

/**
 * What the sources of a `COPY --parents` name: for each, the directory at its pivot with the paths that match, and the
 * directories on the way to them. `**` stands for any number of directories. Throws `not_found` with Docker's words.
 */
export function selectParents(tree: SourceTree, sources: readonly string[]): SelectedSource[] {
  return sources.flatMap((source) => {
    const { base, pattern } = splitPivot(source);
    const isPattern = hasMeta(pattern) || hasMeta(base);
    const bases = hasMeta(base) ? matchPaths(tree, base) : [base];
    const selected = bases.flatMap((each) => selectBelow(tree, each, pattern));
    if (selected.length === 0 && !isPattern)
      throw new SlipwayError("not_found", `"/${posix.join(base, pattern)}": not found`);
    return selected;
  });
}

function selectBelow(tree: SourceTree, written: string, pattern: string): SelectedSource[] {
  const path = resolvePath(tree, `/${written}`);
  if (!isDirectory(lstat(tree, path))) return [];
  const inside = path === "" ? "" : `${path}/`;
  const start = startOf(tree, inside, pattern);
  if (start === undefined) return [];
  const candidates = [
    ...directoriesTo(start, inside).map((each) => treeEntry(tree, each)),
    ...walkTree(tree, start).filter((entry) => entry.path.startsWith(inside) && entry.path !== path),
  ];
  const entries = matching(candidates, inside, pattern);
  return entries.length === 0 ? [] : [{ name: posix.basename(written), path, isDirectory: true, entries }];
}

/** The deepest directory that every match is in: what stands before the first wildcard. */
function startOf(tree: SourceTree, inside: string, pattern: string): string | undefined {
  const parts = pattern.split("/");
  const meta = parts.findIndex(hasMeta);
  const plain = parts.slice(0, meta === -1 ? undefined : meta);
  const start = posix.join(inside, ...plain).replace(/^\.$|\/+$/g, "");
  try {
    refuseLinks(tree, start);
    return isDirectory(lstat(tree, start)) || meta === -1 ? start : undefined;
  } catch (error) {
    if (isCode(error, "not_found")) return undefined;
    throw error;
  }
}

/** Directories are made again as they are; a link among them could lead out of the tree. */
function refuseLinks(tree: SourceTree, path: string): void {
  const directory = path.includes("/") ? posix.dirname(path) : "";
  if (resolvePath(tree, `/${directory}`) !== directory)
    throw new SlipwayError("invalid_argument", `Cannot keep the directories of "/${path}": one is a link`);
}

/** The directories below `inside` on the way to `start`, without it. */
function directoriesTo(start: string, inside: string): string[] {
  const parts = start.slice(inside.length).split("/");
  return parts.slice(1).map((_, index) => inside + parts.slice(0, index + 1).join("/"));
}

/** Entries that match, or stand in a directory that does, each after the directories it is in. */
function matching(candidates: readonly TreeEntry[], inside: string, pattern: string): TreeEntry[] {
  const wanted = new IgnorePattern(pattern, false);
  const byPath = new Map(candidates.map((entry) => [entry.path, entry]));
  const taken = new Map<string, TreeEntry>();
  const whole = new Set<string>();
  const links = new Map<string, string>();
  for (const entry of candidates) {
    const relative = entry.path.slice(inside.length);
    if (pattern !== "" && !whole.has(posix.dirname(entry.path)) && !wanted.matches(relative)) continue;
    if (entry.kind === "directory") whole.add(entry.path);
    for (const directory of directoriesTo(entry.path, inside)) {
      const above = byPath.get(directory);
      if (above !== undefined) taken.set(directory, taken.get(directory) ?? above);
    }
    taken.set(entry.path, linked(entry, taken, links));
  }
  return [...taken.values()];
}

/** A further name of a file whose first name is not taken becomes the first. */
function linked(
  entry: TreeEntry,
  taken: ReadonlyMap<string, TreeEntry>,
  links: Map<string, string>,
): TreeEntry {
  const { linkTo, ...alone } = entry;
  if (linkTo === undefined || taken.has(linkTo)) return entry;
  const first = links.get(linkTo);
  if (first !== undefined) return { ...alone, linkTo: first };
  links.set(linkTo, entry.path);
  return alone;
}
