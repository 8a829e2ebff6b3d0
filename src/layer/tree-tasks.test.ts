import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AT_FDCWD } from "../platform/fd.ts";
import { makeOpaque, makeWhiteout } from "./overlay-marks.ts";
import { archivePath } from "./archive-task.ts";
import { pathStat } from "./path-stat.ts";
import { readTar } from "./tar/tar-reader.ts";
import { TreeArchiver } from "./tree-archiver.ts";
import { treeChanges } from "./tree-changes.ts";

let base: string;
let root: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "tree-tasks-"));
  root = join(base, "root");
  mkdirSync(join(root, "d/sub"), { recursive: true });
  mkdirSync(join(base, "outside"));
  writeFileSync(join(root, "d/f"), "inside");
  writeFileSync(join(base, "outside/f"), "outside");
});
afterEach(() => rmSync(base, { recursive: true }));

async function names(path: string, name?: string): Promise<string[]> {
  const found: string[] = [];
  const chunks = function* () {
    for (const chunk of archivePath(root, path, name)) yield Uint8Array.from(chunk);
  };
  const stream = (async function* () {
    yield* chunks();
  })();
  for await (const { header } of readTar(stream)) found.push(header.name);
  return found;
}

/** What it fails with. Bun's own `rejects` blocks the loop that the worker's messages need. */
async function failure(work: Promise<unknown>): Promise<Error | undefined> {
  return await work.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
}

test("pathStat() resolves links within the tree alone", () => {
  symlinkSync("/d", join(root, "link"));
  symlinkSync(join(base, "outside"), join(root, "out"));
  symlinkSync("../../../../d/f", join(root, "d/up"));
  expect(pathStat(root, "/link/f")).toMatchObject({ name: "f", path: "/d/f", size: 6, linkTarget: "" });
  expect(pathStat(root, "link")).toMatchObject({ name: "link", linkTarget: "/d" });
  expect(pathStat(root, "/link/")).toMatchObject({ name: "link", path: "/d" });
  expect(pathStat(root, "/link/.")).toMatchObject({ name: ".", path: "/d" });
  expect(pathStat(root, "/d/up").linkTarget).toBe("/d/f");
  expect(pathStat(root, "/../../d").path).toBe("/d");
  expect(pathStat(root, "/")).toMatchObject({ name: "/", path: "/" });
  expect(pathStat(root, "/out").linkTarget).toBe(join(base, "outside"));
  expect(() => pathStat(root, "/out/f")).toThrow("Could not find the file");
  expect(() => pathStat(root, "/d/f/")).toThrow("not a directory");
  symlinkSync("loop", join(root, "loop"));
  expect(() => pathStat(root, "/loop/")).toThrow("too many levels");
});

test("archivePath() names entries as asked", async () => {
  expect(await names("/d")).toEqual(["d/", "d/f", "d/sub/"]);
  expect(await names("/d", "x")).toEqual(["x/", "x/f", "x/sub/"]);
  expect(await names("/d/.")).toEqual(["./", "./f", "./sub/"]);
  expect(await names("/d", "")).toEqual(["f", "sub/"]);
  expect(await names("/")).toEqual(["/", "/d/", "/d/f", "/d/sub/"]);
  expect(await names("/d/f", "g")).toEqual(["g"]);
});

test("archivePath() takes a device 0/0 for what it is, which in a layer is a whiteout", async () => {
  makeWhiteout(AT_FDCWD, join(root, "d/zero"));
  expect(await names("/d")).toEqual(["d/", "d/f", "d/sub/", "d/zero"]);
});

test("TreeArchiver.extract() stays in the tree, and keeps what is there of another kind", async () => {
  await using archiver = new TreeArchiver();
  symlinkSync(join(base, "outside"), join(root, "out"));
  mkdirSync(join(base, "source/out"), { recursive: true });
  writeFileSync(join(base, "source/out/planted"), "x");
  writeFileSync(join(base, "source/plain"), "y");
  const archive = () => archiver.archive({ root: base, path: "/source", name: "" });
  await archiver.extract({ root, path: "/", keepsKinds: false }, archive());
  expect(existsSync(join(base, "outside/planted"))).toBe(false);
  expect(readFileSync(join(root, "out/planted"), "utf8")).toBe("x");
  mkdirSync(join(root, "into/plain"), { recursive: true });
  const kept = archiver.extract({ root, path: "into", keepsKinds: true }, archive());
  expect((await failure(kept))?.message).toBe('cannot overwrite directory "/into/plain" with non-directory');
  expect(statSync(join(root, "into/plain")).isDirectory()).toBe(true);
  await archiver.extract({ root, path: "/d", keepsKinds: true, owner: { uid: 5, gid: 6 } }, archive());
  expect(statSync(join(root, "d/plain"))).toMatchObject({ uid: 5, gid: 6 });
  expect(statSync(join(root, "d")).uid).toBe(0);
});

test("TreeArchiver.archive() ends when it is left, and throws what went wrong", async () => {
  await using archiver = new TreeArchiver();
  writeFileSync(join(root, "big"), Buffer.alloc(8 << 20));
  for await (const _chunk of archiver.archive({ root, path: "/big" })) break;
  const read = async () => {
    for await (const _chunk of archiver.archive({ root, path: "/none" }));
  };
  expect(await failure(read())).toMatchObject({ code: "not_found" });
});

test("treeChanges() tells added, modified and deleted, and what an opaque directory hides", () => {
  const [lower, upper] = [join(base, "lower"), join(base, "upper")];
  mkdirSync(join(lower, "old/deep"), { recursive: true });
  mkdirSync(join(lower, "same"));
  writeFileSync(join(lower, "gone"), "");
  writeFileSync(join(lower, "changed"), "");
  mkdirSync(join(upper, "old"), { recursive: true });
  mkdirSync(join(upper, "new"));
  writeFileSync(join(upper, "changed"), "now");
  writeFileSync(join(upper, "old/fresh"), "");
  makeWhiteout(AT_FDCWD, join(upper, "gone"));
  makeWhiteout(AT_FDCWD, join(upper, "never-was"));
  makeOpaque(AT_FDCWD, join(upper, "old"), "trusted");
  expect(treeChanges({ op: "changes", upper, lower, xattrs: "trusted" })).toEqual([
    { Path: "/changed", Kind: 0 },
    { Path: "/gone", Kind: 2 },
    { Path: "/new", Kind: 1 },
    { Path: "/old", Kind: 0 },
    { Path: "/old/deep", Kind: 2 },
    { Path: "/old/fresh", Kind: 1 },
  ]);
});
