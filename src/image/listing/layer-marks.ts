import type { LayerEntry } from "./layer-entry.ts";
import { LayerTree } from "./layer-tree.ts";

/** What a layer does to a name of the layers below it. */
export interface LayerMark {
  /** of a removed name: what was there */
  readonly entry: LayerEntry;
  readonly change: "added" | "changed" | "removed";
}

/**
 * What each layer of a stack, bottom first, adds, changes and removes, names below a removed directory too. A directory
 * that a layer only repeats is no change. Pure.
 */
export function layerMarks(listings: readonly (readonly LayerEntry[])[]): LayerMark[][] {
  const tree = new LayerTree();
  return listings.map((entries) => {
    const below = new Map(entries.map(({ path }) => [path, tree.find(path)?.entry]));
    const hiddenBefore = tree.hidden.length;
    tree.add(entries);
    const put = entries.flatMap((entry): LayerMark[] => {
      if (entry.kind === "whiteout" || entry.kind === "opaque") return [];
      const before = below.get(entry.path);
      if (before === undefined) return [{ entry, change: "added" }];
      return isRepeated(entry, before) ? [] : [{ entry, change: "changed" }];
    });
    const gone = tree.hidden.slice(hiddenBefore).filter(({ entry }) => tree.find(entry.path) === undefined);
    return [...put, ...gone.map(({ entry }) => ({ entry, change: "removed" as const }))];
  });
}

function isRepeated(entry: LayerEntry, before: LayerEntry): boolean {
  if (entry.kind !== "directory" || before.kind !== "directory") return false;
  return (
    entry.mode === before.mode &&
    entry.uid === before.uid &&
    entry.gid === before.gid &&
    entry.xattrs === before.xattrs
  );
}
