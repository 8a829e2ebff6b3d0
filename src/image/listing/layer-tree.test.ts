import { expect, test } from "bun:test";
import { hidingEntry, type LayerEntry } from "./layer-entry.ts";
import { LayerTree } from "./layer-tree.ts";
import { wastedFiles } from "./wasted-files.ts";

function file(path: string, size: number, more: Partial<LayerEntry> = {}): LayerEntry {
  return { path, kind: "file", mode: 0o644, uid: 0, gid: 0, size, xattrs: "", ...more };
}

function directory(path: string, mode = 0o755): LayerEntry {
  return { path, kind: "directory", mode, uid: 0, gid: 0, size: 0, xattrs: "" };
}

function stack(...layers: LayerEntry[][]): LayerTree {
  const tree = new LayerTree();
  for (const entries of layers) tree.add(entries);
  return tree;
}

function paths(tree: LayerTree): string[] {
  return [...tree.names()].map(({ entry }) => entry.path).sort();
}

test("LayerTree.add() makes directories that no entry names, and keeps what is below one that comes again", () => {
  const tree = stack([file("a/b/c", 1)], [directory("a/b", 0o700), file("a/b/d", 2)]);
  expect(paths(tree)).toEqual(["a", "a/b", "a/b/c", "a/b/d"]);
  expect(tree.find("a/b")).toMatchObject({ layer: 1, entry: { mode: 0o700 } });
  expect(tree.find("a/b/c")?.layer).toBe(0);
  expect(tree.hidden).toEqual([]);
});

test("LayerTree.add() hides by whiteouts what is below, never what the layer itself brings", () => {
  const tree = stack(
    [file("d/one", 1), file("d/two", 2), file("e/x", 3)],
    [hidingEntry("whiteout", "d/one"), hidingEntry("opaque", "e"), file("e/y", 4), directory("e")],
    [file("d/one", 5), hidingEntry("whiteout", "none/at/all")],
  );
  expect(paths(tree)).toEqual(["d", "d/one", "d/two", "e", "e/y"]);
  expect(tree.find("d/one")?.layer).toBe(2);
  expect(tree.hidden.map(({ entry, layer, by }) => [entry.path, layer, by])).toEqual([
    ["d/one", 0, 1],
    ["e/x", 0, 1],
  ]);
});

test("LayerTree.add() replaces a directory by a file with all below it, and a file by a directory", () => {
  const tree = stack([file("a/b", 1), file("c", 2)], [file("a", 3), file("c/d", 4)]);
  expect(paths(tree)).toEqual(["a", "c", "c/d"]);
  expect(wastedFiles(tree).map(({ path, bytes, layer, by }) => [path, bytes, layer, by])).toEqual([
    ["c", 2, 0, 1],
    ["a/b", 1, 0, 1],
  ]);
});

test("wastedFiles() counts a file of several names once, and only when none of them is left", () => {
  const linked = [file("a", 10), file("b", 10, { link: "a" })];
  const one = stack(linked, [hidingEntry("whiteout", "a")]);
  expect(wastedFiles(one)).toEqual([]);
  const both = stack(linked, [hidingEntry("whiteout", "a"), hidingEntry("whiteout", "b")]);
  expect(wastedFiles(both)).toEqual([{ path: "a", bytes: 10, layer: 0, by: 1 }]);
});
