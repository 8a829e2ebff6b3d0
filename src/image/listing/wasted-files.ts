import type { LayerTree } from "./layer-tree.ts";

/** A file that takes up room in a layer though nothing of it is seen in the image. */
export interface WastedFile {
  readonly path: string;
  readonly bytes: number;
  /** the layer that has it, and the one that hides it, from 0 */
  readonly layer: number;
  readonly by: number;
}

/**
 * The files that later layers replaced or deleted, largest first. One of several names of a file is no waste while
 * another name of it is still seen. Pure.
 */
export function wastedFiles(tree: LayerTree): WastedFile[] {
  const seen = new Set<string>();
  for (const { entry, layer } of tree.names()) seen.add(`${layer} ${entry.link ?? entry.path}`);
  const wasted: WastedFile[] = [];
  for (const { entry, layer, by } of tree.hidden) {
    const file = `${layer} ${entry.link ?? entry.path}`;
    if (entry.kind !== "file" || seen.has(file)) continue;
    seen.add(file);
    wasted.push({ path: entry.path, bytes: entry.size, layer, by });
  }
  return wasted.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
}
