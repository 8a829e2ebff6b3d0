import { expect, test } from "bun:test";
import { hidingEntry, type LayerEntry } from "./layer-entry.ts";
import { layerMarks } from "./layer-marks.ts";

function entry(path: string, kind: LayerEntry["kind"] = "file", more: Partial<LayerEntry> = {}): LayerEntry {
  return { path, kind, mode: 0o755, uid: 0, gid: 0, size: 1, xattrs: "", ...more };
}

function shown(listings: readonly (readonly LayerEntry[])[]): string[][] {
  return layerMarks(listings).map((marks) => marks.map(({ entry, change }) => `${change} ${entry.path}`));
}

test("layerMarks() tells what each layer adds, changes and removes", () => {
  const marks = shown([
    [entry("d", "directory"), entry("d/a"), entry("d/b"), entry("e", "directory"), entry("e/x")],
    [entry("d", "directory"), entry("d/a"), entry("d/c"), hidingEntry("whiteout", "d/b")],
    [hidingEntry("whiteout", "d"), hidingEntry("opaque", "e"), entry("e", "directory"), entry("e/y")],
  ]);
  expect(marks[0]).toEqual(["added d", "added d/a", "added d/b", "added e", "added e/x"]);
  expect(marks[1]).toEqual(["changed d/a", "added d/c", "removed d/b"]);
  expect(marks[2]?.toSorted()).toEqual(
    ["added e/y", "removed d", "removed d/a", "removed d/c", "removed e/x"].toSorted(),
  );
});

test("layerMarks() takes a directory with other rights for a change, one that is repeated for none", () => {
  const below = [entry("d", "directory")];
  expect(shown([below, [entry("d", "directory")]])[1]).toEqual([]);
  expect(shown([below, [entry("d", "directory", { mode: 0o700 })]])[1]).toEqual(["changed d"]);
});

test("layerMarks() says what was there of a name that is gone", () => {
  const [, marks] = layerMarks([[entry("big", "file", { size: 99 })], [hidingEntry("whiteout", "big")]]);
  expect(marks?.[0]?.entry.size).toBe(99);
});
