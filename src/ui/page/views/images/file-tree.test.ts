import { expect, test } from "bun:test";
import type { ImageFile } from "../../../../engine/types/image-layers.ts";
import { fileTree, visibleRows } from "./file-tree.ts";

function file(path: string, size: number, change: ImageFile["Change"] = "added"): ImageFile {
  return { Path: path, Change: change, Kind: "file", Size: size, Mode: 0o644 };
}

function directory(path: string, change: ImageFile["Change"] = "added"): ImageFile {
  return { Path: path, Change: change, Kind: "directory", Size: 0, Mode: 0o755 };
}

const layers = [
  { Files: [directory("app"), file("app/a.js", 10), file("app/b.js", 5), file("big", 100)] },
  { Files: [file("app/a.js", 20, "changed"), file("app/c.js", 1), file("big", 100, "removed")] },
];
const all = { isMarked: false, onlyMarked: false };
const marked = { isMarked: true, onlyMarked: true };

function shown(root: ReturnType<typeof fileTree>, search = "", open: string[] = []): string[] {
  return visibleRows(root, new Set(open), search).map(({ node, depth }) =>
    `${" ".repeat(depth - 1)}${node.name} ${node.size} ${node.change ?? ""}`.trimEnd(),
  );
}

test("fileTree() is the image as it is seen, with the sizes of directories added up", () => {
  expect(shown(fileTree(layers, 1, all), "", ["app"])).toEqual(["app 26", " a.js 20", " b.js 5", " c.js 1"]);
  expect(shown(fileTree(layers, 0, all))).toEqual(["app 15", "big 100"]);
});

test("fileTree() of one layer is what it did, the size of what it removed not counted", () => {
  const tree = fileTree(layers, 1, marked);
  expect(shown(tree, "", ["app"])).toEqual([
    "app 21",
    " a.js 20 changed",
    " c.js 1 added",
    "big 100 removed",
  ]);
  expect(tree.size).toBe(21);
});

test("fileTree() forgets what was below a directory that is gone or a file now", () => {
  const gone = [{ Files: [file("d/x", 1)] }, { Files: [file("d", 2, "changed")] }];
  expect(shown(fileTree(gone, 1, all), "", ["d"])).toEqual(["d 2"]);
  const removed = [
    { Files: [file("d/x", 1)] },
    { Files: [directory("d", "removed"), file("d/x", 1, "removed")] },
  ];
  expect(shown(fileTree(removed, 1, all))).toEqual([]);
});

test("visibleRows() shows what a search finds, with the way there", () => {
  expect(shown(fileTree(layers, 1, all), "C.JS")).toEqual(["app 26", " c.js 1"]);
  expect(shown(fileTree(layers, 1, all), "nothing like that")).toEqual([]);
});
