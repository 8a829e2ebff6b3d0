import { afterAll, beforeAll, expect, test } from "bun:test";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseIgnore } from "./parse-ignore.ts";
import { selectParents, splitPivot } from "./select-parents.ts";

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "slipway-parents-"));
  for (const path of ["a/b/one.txt", "a/b/two.md", "a/c/d/three.txt", "e/four.txt", "five.txt"]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path);
  }
  linkSync(join(root, "a/b/one.txt"), join(root, "a/c/again.txt"));
  linkSync(join(root, "a/b/one.txt"), join(root, "a/c/more.txt"));
  symlinkSync("/etc", join(root, "out"));
  symlinkSync("e", join(root, "in"));
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** `base: path path …` for each thing selected. */
function select(...sources: string[]): string[] {
  return selectParents({ root }, sources).map(
    ({ path, entries }) => `${path}: ${entries.map((entry) => entry.path).join(" ")}`,
  );
}

test("splitPivot() parts a source at its pivot", () => {
  expect(splitPivot("a/b")).toEqual({ base: "", pattern: "a/b" });
  expect(splitPivot("./a/./b/")).toEqual({ base: "a", pattern: "b" });
  expect(splitPivot("/x*/./**/y")).toEqual({ base: "x*", pattern: "**/y" });
  expect(splitPivot("../../a/./../b")).toEqual({ base: "a", pattern: "b" });
});

test("selectParents() takes what matches with the directories on the way", () => {
  expect(select("a/b/one.txt")).toEqual([": a a/b a/b/one.txt"]);
  expect(select("a/*/*.txt")).toEqual([": a a/b a/b/one.txt a/c a/c/again.txt a/c/more.txt"]);
  expect(select("**/*.md", "five.txt")).toEqual([": a a/b a/b/two.md", ": five.txt"]);
  expect(select("a/c")).toEqual([": a a/c a/c/again.txt a/c/d a/c/d/three.txt a/c/more.txt"]);
  expect(select("a/c/d/")).toEqual([": a a/c a/c/d a/c/d/three.txt"]);
});

test("selectParents() keeps directories from the pivot on", () => {
  expect(select("a/./b/one.txt")).toEqual(["a: a/b a/b/one.txt"]);
  expect(select("a/*/./*.txt")).toEqual(["a/b: a/b/one.txt", "a/c: a/c/again.txt a/c/more.txt"]);
  expect(select("e/./.")).toEqual(["e: e/four.txt"]);
});

test("selectParents() makes the first name it takes of a file the one that others link to", () => {
  const [selected] = selectParents({ root }, ["a/c/*.txt"]);
  expect(selected?.entries.map(({ path, linkTo }) => [path, linkTo])).toEqual([
    ["a", undefined],
    ["a/c", undefined],
    ["a/c/again.txt", undefined],
    ["a/c/more.txt", "a/c/again.txt"],
  ]);
});

test("selectParents() refuses what is not there, what is ignored, and links on the way", () => {
  expect(() => select("a/none")).toThrow('"/a/none": not found');
  expect(() => select("none/./a")).toThrow('"/none": not found');
  expect(select("a/none*", "none/*")).toEqual([]);
  expect(() => select("out/passwd")).toThrow('"/out/passwd": not found');
  expect(() => select("in/four.txt")).toThrow('Cannot keep the directories of "/in/four.txt": one is a link');
  expect(select("out")).toEqual([": out"]);
  const ignore = parseIgnore("a/b\n");
  expect(() => selectParents({ root, ignore }, ["a/b/one.txt"])).toThrow("not found");
});
