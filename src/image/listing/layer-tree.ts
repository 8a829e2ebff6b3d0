import type { LayerEntry } from "./layer-entry.ts";

/** A name of the stack: what it is, and the number of the layer that brought it, from 0. */
export interface TreeNode {
  entry: LayerEntry;
  layer: number;
  readonly children: Map<string, TreeNode>;
}

/** Something a layer brought that a later one replaced or deleted. */
export interface HiddenEntry {
  readonly entry: LayerEntry;
  readonly layer: number;
  /** the layer that hid it */
  readonly by: number;
}

/**
 * Layers put on top of each other, as the overlay file system shows them (image-spec, layer.md, "Applying
 * Changesets"), with where each name came from and what was hidden on the way. Pure.
 */
export class LayerTree {
  readonly root: TreeNode = { entry: implicit(""), layer: 0, children: new Map() };
  readonly hidden: HiddenEntry[] = [];
  #next = 0;

  /** Puts a layer on top. Its whiteouts hide what is below, never what it brings itself. */
  add(entries: readonly LayerEntry[]): void {
    const layer = this.#next;
    this.#next += 1;
    for (const { kind, path } of entries) {
      if (kind === "whiteout") this.#hide(path, layer);
      else if (kind === "opaque") this.#empty(path, layer);
    }
    for (const entry of entries) {
      if (entry.kind !== "whiteout" && entry.kind !== "opaque") this.#put(entry, layer);
    }
  }

  /** Every name, parents before their children. */
  *names(): Generator<TreeNode, void, void> {
    yield* below(this.root);
  }

  find(path: string): TreeNode | undefined {
    let node: TreeNode | undefined = this.root;
    if (path === "") return node;
    for (const part of path.split("/")) node = node?.children.get(part);
    return node;
  }

  #put(entry: LayerEntry, layer: number): void {
    const { parent, base } = this.#parentOf(entry.path, layer);
    const there = parent.children.get(base);
    if (there === undefined) parent.children.set(base, { entry, layer, children: new Map() });
    else {
      const isDirectory = entry.kind === "directory" && there.entry.kind === "directory";
      // A directory stands in a layer also for what is in it: it is the layer's own only when it is another.
      if (isDirectory && isSame(entry, there.entry)) return;
      if (!isDirectory) this.#forget(there, layer);
      there.entry = entry;
      there.layer = layer;
    }
  }

  /** Directories that no entry names are made, as the unpacker makes them. */
  #parentOf(path: string, layer: number): { parent: TreeNode; base: string } {
    const parts = path.split("/");
    const base = parts.pop() ?? "";
    let parent = this.root;
    for (const [at, part] of parts.entries()) {
      let node = parent.children.get(part);
      if (node?.entry.kind !== "directory") {
        if (node !== undefined) this.#forget(node, layer);
        node = { entry: implicit(parts.slice(0, at + 1).join("/")), layer, children: new Map() };
        parent.children.set(part, node);
      }
      parent = node;
    }
    return { parent, base };
  }

  #hide(path: string, layer: number): void {
    const slash = path.lastIndexOf("/");
    const parent = slash < 0 ? this.root : this.find(path.slice(0, slash));
    const base = path.slice(slash + 1);
    const node = parent?.children.get(base);
    if (node === undefined) return;
    this.#forget(node, layer);
    parent?.children.delete(base);
  }

  #empty(path: string, layer: number): void {
    const node = this.find(path);
    for (const child of node?.children.values() ?? []) this.#forget(child, layer);
    node?.children.clear();
  }

  /** The name and all below it are hidden. */
  #forget(node: TreeNode, by: number): void {
    this.hidden.push({ entry: node.entry, layer: node.layer, by });
    for (const { entry, layer } of below(node)) this.hidden.push({ entry, layer, by });
    node.children.clear();
  }
}

function* below(node: TreeNode): Generator<TreeNode, void, void> {
  for (const child of node.children.values()) {
    yield child;
    yield* below(child);
  }
}

function isSame(a: LayerEntry, b: LayerEntry): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.xattrs === b.xattrs;
}

function implicit(path: string): LayerEntry {
  return { path, kind: "directory", mode: 0o755, uid: 0, gid: 0, size: 0, xattrs: "" };
}
