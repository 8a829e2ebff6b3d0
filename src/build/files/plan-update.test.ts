import { expect, test } from "bun:test";
import { planUpdate, type CopiedTree } from "./plan-update.ts";
import type { TreeEntry } from "./source-tree.ts";

/** `path: [content, mtime]`; of a directory the content is `directory`. */
type Tree = Readonly<Record<string, readonly [string, bigint]>>;

function copied(tree: Tree, root = 1n): CopiedTree {
  const lines = Object.entries(tree).map(([path, [content]]) => `644\t${content}\t${path}`);
  return {
    text: ["root\tsrc\tsrc", ...lines].join("\0"),
    mtimes: BigInt64Array.from([root, ...Object.values(tree).map(([, mtime]) => mtime)]),
  };
}

function plan(before: Tree, after: Tree, epoch?: number): ReturnType<typeof planUpdate> {
  const entries = Object.entries(after).map(
    ([path, [content]]) => ({ path, kind: content === "directory" ? "directory" : "file" }) as TreeEntry,
  );
  return planUpdate(copied(before), copied(after), entries, epoch);
}

const many: Tree = {
  "src/a": ["directory", 1n],
  "src/a/1": ["one", 1n],
  "src/a/2": ["two", 1n],
  "src/b": ["directory", 1n],
  "src/b/3": ["three", 1n],
  "src/b/4": ["four", 1n],
  "src/c": ["directory", 1n],
  "src/c/5": ["five", 1n],
};

test("planUpdate() asks for what changed, in content or in time, and the directories on the way", () => {
  const directory = { path: "src/a", kind: "directory" } as const;
  for (const changed of [["other", 1n] as const, ["one", 2n] as const])
    expect(plan(many, { ...many, "src/a/1": changed })).toEqual({
      entries: [directory, { path: "src/a/1", kind: "file" }],
      removed: [],
      was: 1n,
    });
  expect(plan(many, many)?.entries).toEqual([]);
});

test("planUpdate() removes what is gone by its uppermost name, after the directory it was in", () => {
  const { "src/b": _b, "src/b/3": _3, "src/b/4": _4, "src/a/2": _2, ...rest } = many;
  expect(plan(many, rest)).toEqual({
    entries: [
      { path: "src/b", kind: "removed" },
      { path: "src/a", kind: "directory" },
      { path: "src/a/2", kind: "removed" },
    ],
    removed: ["src/a/2", "src/b"],
    was: 1n,
  });
});

test("planUpdate() knows no time later than the epoch, and is not sure of a destination that has it", () => {
  const late: Tree = { ...many, "src/a/1": ["one", 5_000_000_000n] };
  expect(plan(late, { ...many, "src/a/1": ["one", 9_000_000_000n] }, 2)?.entries).toEqual([]);
  const entries = Object.keys(many).map((path) => ({ path }) as TreeEntry);
  expect(planUpdate(copied(many, 5_000_000_000n), copied(many), entries, 2)).toBeUndefined();
});

test("planUpdate() leaves to a whole copy: other kinds, hard links, another root, changes of most", () => {
  expect(plan(many, { ...many, "src/a/1": ["directory", 1n] })).toBeUndefined();
  expect(plan(many, { ...many, "src/a/1": ["hard xyz", 1n] })).toBeUndefined();
  expect(
    planUpdate({ ...copied(many), text: copied(many).text.replace("src", "lib") }, copied(many), []),
  ).toBeUndefined();
  const others = Object.entries(many).map(([path, [content]]) => [path, [content, 7n]] as const);
  expect(plan(many, Object.fromEntries(others))).toBeUndefined();
});
