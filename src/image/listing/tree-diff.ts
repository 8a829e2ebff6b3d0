import type { LayerEntry } from "./layer-entry.ts";
import type { LayerTree, TreeNode } from "./layer-tree.ts";

export type Aspect = "type" | "content" | "mode" | "owner" | "target" | "device" | "attributes";

/** How a name differs between two stacks. `layer`, from 0, of stack `side` made it so. */
export interface TreeChange {
  readonly path: string;
  readonly change: "added" | "changed" | "removed";
  readonly a: LayerEntry | undefined;
  readonly b: LayerEntry | undefined;
  readonly aspects: readonly Aspect[];
  readonly side: "A" | "B";
  readonly layer: number;
}

/**
 * What differs from stack `a` to stack `b`, whose lowest `shared` layers are the same. Of the {@link filePairs} the
 * hashes must be known. Times are not compared: a build that runs again changes them all. Pure.
 */
export function* treeDiff(a: LayerTree, b: LayerTree, shared: number): Generator<TreeChange, void, void> {
  for (const node of b.names()) {
    const before = a.find(node.entry.path);
    if (before === undefined) yield added(node);
    else if (!isShared(before, node, shared)) yield* changed(before, node);
  }
  const hiders = new Map(b.hidden.map(({ entry, by }) => [entry.path, by]));
  for (const node of a.names()) {
    if (b.find(node.entry.path) === undefined) yield removed(node, hiders.get(node.entry.path));
  }
}

/** The files of the same path and size that only their content can tell apart. Pure. */
export function* filePairs(
  a: LayerTree,
  b: LayerTree,
  shared: number,
): Generator<readonly [TreeNode, TreeNode], void, void> {
  for (const node of b.names()) {
    const before = node.entry.kind === "file" ? a.find(node.entry.path) : undefined;
    const isPair = before?.entry.kind === "file" && before.entry.size === node.entry.size;
    if (isPair && !isShared(before, node, shared)) yield [before, node];
  }
}

function isShared(before: TreeNode, node: TreeNode, shared: number): boolean {
  return before.layer === node.layer && node.layer < shared;
}

function added({ entry, layer }: TreeNode): TreeChange {
  return { path: entry.path, change: "added", a: undefined, b: entry, aspects: [], side: "B", layer };
}

function* changed(before: TreeNode, { entry, layer }: TreeNode): Generator<TreeChange, void, void> {
  const aspects = aspectsOf(before.entry, entry);
  if (aspects.length === 0) return;
  yield { path: entry.path, change: "changed", a: before.entry, b: entry, aspects, side: "B", layer };
}

/** The layer of B that hid it; without one B never had it, and the layer of A is told that did. */
function removed({ entry, layer }: TreeNode, by: number | undefined): TreeChange {
  const where = by === undefined ? { side: "A" as const, layer } : { side: "B" as const, layer: by };
  return { path: entry.path, change: "removed", a: entry, b: undefined, aspects: [], ...where };
}

function aspectsOf(a: LayerEntry, b: LayerEntry): Aspect[] {
  if (a.kind !== b.kind) return ["type"];
  const differs: Record<Exclude<Aspect, "type">, boolean> = {
    content: a.size !== b.size || a.sha256 !== b.sha256,
    mode: a.mode !== b.mode,
    owner: a.uid !== b.uid || a.gid !== b.gid,
    target: a.target !== b.target,
    device: a.device !== b.device,
    attributes: a.xattrs !== b.xattrs,
  };
  return (Object.keys(differs) as (keyof typeof differs)[]).filter((aspect) => differs[aspect]);
}
