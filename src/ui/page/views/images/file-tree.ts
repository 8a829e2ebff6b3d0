import type { ImageFile } from "../../../../engine/types/image-layers.ts";

/** What is shown of a name in an image. */
export interface FileNode {
  readonly name: string;
  readonly path: string;
  kind: ImageFile["Kind"];
  /** undefined: only something below it changed */
  change: ImageFile["Change"] | undefined;
  /** bytes of the file, or of all below it that are not removed */
  size: number;
  mode: number;
  target: string | undefined;
  readonly children: Map<string, FileNode>;
}

/**
 * The files of an image after the layer at `upTo` (from 0) as a tree; what that layer did is marked when
 * `isMarked`. With `onlyMarked` just what it touched. Sizes of directories add up. Pure.
 */
export function fileTree(
  layers: readonly { readonly Files: readonly ImageFile[] }[],
  upTo: number,
  { isMarked, onlyMarked }: { isMarked: boolean; onlyMarked: boolean },
): FileNode {
  const root = newNode("", "");
  for (let at = onlyMarked ? upTo : 0; at <= upTo; at += 1) {
    const marks = isMarked && at === upTo;
    for (const file of layers[at]?.Files ?? []) put(root, file, marks);
  }
  addUp(root);
  return root;
}

function put(root: FileNode, file: ImageFile, marks: boolean): void {
  const parts = file.Path.split("/");
  const base = parts.pop() ?? "";
  let parent = root;
  for (const part of parts) {
    let next = parent.children.get(part);
    if (next === undefined) {
      if (file.Change === "removed" && !marks) return;
      next = newNode(part, parent.path === "" ? part : `${parent.path}/${part}`);
      parent.children.set(part, next);
    }
    parent = next;
  }
  if (file.Change === "removed" && !marks) {
    parent.children.delete(base);
    return;
  }
  const node = parent.children.get(base) ?? newNode(base, file.Path);
  parent.children.set(base, node);
  // A name that is no directory any more has nothing below it, but for what this layer took away.
  if (file.Kind !== "directory" && !marks) node.children.clear();
  Object.assign(node, {
    kind: file.Kind,
    change: marks ? file.Change : undefined,
    size: file.Kind === "directory" ? 0 : file.Size,
    mode: file.Mode,
    target: file.Target,
  });
}

function newNode(name: string, path: string): FileNode {
  const children = new Map<string, FileNode>();
  return {
    name,
    path,
    kind: "directory",
    change: undefined,
    size: 0,
    mode: 0o755,
    target: undefined,
    children,
  };
}

function addUp(node: FileNode): number {
  if (node.kind !== "directory") return node.change === "removed" ? 0 : node.size;
  let sum = 0;
  for (const child of node.children.values()) sum += addUp(child);
  node.size = sum;
  return sum;
}

/** Directories first, then the largest, then by name. */
export function sortedChildren(node: FileNode): FileNode[] {
  const rank = ({ kind }: FileNode) => (kind === "directory" ? 0 : 1);
  return [...node.children.values()].sort(
    (a, b) => rank(a) - rank(b) || b.size - a.size || (a.name < b.name ? -1 : 1),
  );
}

export interface FileRow {
  readonly node: FileNode;
  /** from 1 */
  readonly depth: number;
  readonly isOpen: boolean;
}

/**
 * The rows that are seen: what is in open directories; with a search, every name that has it and the way there. Pure.
 */
export function visibleRows(root: FileNode, open: ReadonlySet<string>, search: string): FileRow[] {
  const wanted = search.trim().toLowerCase();
  const found = wanted === "" ? undefined : matching(root, wanted);
  const rows: FileRow[] = [];
  const walk = (node: FileNode, depth: number): void => {
    for (const child of sortedChildren(node)) {
      if (found !== undefined && !found.has(child)) continue;
      const isOpen = child.kind === "directory" && (found !== undefined || open.has(child.path));
      rows.push({ node: child, depth, isOpen });
      if (isOpen) walk(child, depth + 1);
    }
  };
  walk(root, 1);
  return rows;
}

/** Names that have the text, with all that is above and below them. */
function matching(root: FileNode, wanted: string): Set<FileNode> {
  const found = new Set<FileNode>();
  const walk = (node: FileNode, isInside: boolean): boolean => {
    const matches = isInside || node.path.toLowerCase().includes(wanted);
    let has = matches && node !== root;
    for (const child of node.children.values()) has = walk(child, matches && node !== root) || has;
    if (has) found.add(node);
    return has;
  };
  walk(root, false);
  return found;
}
