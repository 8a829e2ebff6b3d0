import { expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeNodeAt } from "../platform/dir-at.ts";
import { AT_FDCWD } from "../platform/fd.ts";
import { mountAll, withOption } from "../platform/mount-all.ts";
import { S_IFCHR } from "../platform/stat.ts";
import { setXattr } from "../platform/xattr.ts";
import { State } from "../state/state.ts";
import { OverlaySnapshotter } from "./overlay-snapshotter.ts";
import { fixture, inside, snapshotterContract } from "./snapshotter.contract.ts";

const open = (root: string, state: State) => OverlaySnapshotter.open({ root, db: state.db });

snapshotterContract("OverlaySnapshotter", open);

test("OverlaySnapshotter stacks more layers than one page of mount options names", async () => {
  await using f = await fixture((root, state) => open(join(root, "x".repeat(100)), state));
  let parent: string | undefined;
  for (let layer = 0; layer < 120; layer += 1) {
    const [mount] = await f.snapshotter.prepare(`a${layer}`, parent);
    const upper = mount?.options.find((option) => option.startsWith("upperdir="))?.slice(9) ?? mount?.source;
    writeFileSync(join(upper ?? "", `file-${layer}`), String(layer));
    await f.snapshotter.commit(`c${layer}`, `a${layer}`);
    parent = `c${layer}`;
  }
  const mounts = await f.snapshotter.prepare("run", parent);
  await inside(f.directory, mounts, (path) => {
    expect(readdirSync(path).length).toBe(120);
    writeFileSync(join(path, "new"), "");
  });
  const view = await f.snapshotter.view("look", parent ?? "");
  await inside(f.directory, view, (path) => expect(readFileSync(join(path, "file-7"), "utf8")).toBe("7"));
});

test("OverlaySnapshotter works below a directory whose name has the characters that options part at", async () => {
  await using f = await fixture((root, state) => open(join(root, "a:b,c\\d"), state));
  const first = await f.snapshotter.prepare("one");
  await inside(f.directory, first, (path) => writeFileSync(join(path, "f"), "1"));
  await f.snapshotter.commit("one-done", "one");
  await f.snapshotter.prepare("two", "one-done");
  await f.snapshotter.commit("two-done", "two");
  const mounts = await f.snapshotter.prepare("run", "two-done");
  await inside(f.directory, mounts, (path) => {
    expect(readFileSync(join(path, "f"), "utf8")).toBe("1");
    writeFileSync(join(path, "g"), "");
  });
});

test("OverlaySnapshotter hides all below a layer whose root is opaque", async () => {
  await using f = await fixture(open);
  const [base] = await f.snapshotter.prepare("base");
  writeFileSync(join(base?.source ?? "", "old"), "");
  await f.snapshotter.commit("base-done", "base");
  const [layer] = await f.snapshotter.prepare("layer");
  writeFileSync(join(layer?.source ?? "", "new"), "");
  setXattr(AT_FDCWD, layer?.source ?? "", "trusted.overlay.opaque", Buffer.from("y"));
  await f.snapshotter.commit("layer-done", "layer", { parent: "base-done" });
  const mounts = await f.snapshotter.prepare("run", "layer-done");
  expect(await inside(f.directory, mounts, (path) => readdirSync(path))).toEqual(["new"]);
});

test("mountAll() mounts volatile again and again, and undoes what it mounted when one mount fails", async () => {
  await using f = await fixture(open);
  await f.snapshotter.prepare("base");
  await f.snapshotter.commit("base-done", "base");
  const mounts = withOption(await f.snapshotter.prepare("run", "base-done"), "volatile");
  for (const name of ["a", "b"]) {
    await inside(f.directory, mounts, (path) => writeFileSync(join(path, name), name));
  }
  expect(await inside(f.directory, mounts, (path) => readdirSync(path).sort())).toEqual(["a", "b"]);
  const target = join(f.directory, "target");
  const broken = { type: "overlay", source: "overlay", options: ["lowerdir=/does-not-exist:/nor-this"] };
  expect(() => mountAll([...mounts, broken], target)).toThrow("Cannot mount overlay");
  expect(readdirSync(target)).toEqual([]);
});

test("OverlaySnapshotter.open() sets right what a crash left", async () => {
  const root = mkdtempSync(join(tmpdir(), "snapshotter-"));
  using state = State.open(":memory:");
  try {
    {
      await using snapshotter = open(root, state);
      await snapshotter.prepare("a");
      await snapshotter.commit("lost", "a");
      await snapshotter.prepare("b", "lost");
      await snapshotter.commit("on-lost", "b");
      await snapshotter.prepare("kept");
    }
    mkdirSync(join(root, "99/fs"), { recursive: true });
    makeNodeAt(AT_FDCWD, join(root, "99/fs/whiteout"), S_IFCHR, 0, 0);
    rmSync(join(root, "1"), { recursive: true });
    await using snapshotter = open(root, state);
    await expect(snapshotter.stat("lost")).rejects.toMatchObject({ code: "not_found" });
    await expect(snapshotter.stat("on-lost")).rejects.toMatchObject({ code: "not_found" });
    expect((await snapshotter.stat("kept")).kind).toBe("active");
    await snapshotter.settled();
    expect(existsSync(join(root, "99"))).toBe(false);
    expect(readdirSync(root)).toEqual(["3"]);
    await snapshotter.prepare("next");
    expect(readdirSync(root).sort()).toEqual(["100", "3"]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test("OverlaySnapshotter.open() trusts no files that were not flushed when the machine went down", async () => {
  const root = mkdtempSync(join(tmpdir(), "snapshotter-"));
  using state = State.open(":memory:");
  // A file system of its own: flushing that of the host takes as long as others have been writing.
  const mounted = mountAll([{ type: "tmpfs", source: "tmpfs", options: ["size=1m"] }], root);
  const boot = (name: string) => OverlaySnapshotter.open({ root, db: state.db, boot: name });
  try {
    {
      await using snapshotter = boot("first");
      await snapshotter.prepare("a");
      await snapshotter.commit("flushed", "a");
      await snapshotter.flush();
      await snapshotter.prepare("b", "flushed");
      await snapshotter.commit("in memory", "b");
      await snapshotter.prepare("container", "flushed");
      await snapshotter.prepare("lost container", "in memory");
    }
    {
      await using snapshotter = boot("first");
      expect((await snapshotter.stat("in memory")).kind).toBe("committed");
    }
    await using snapshotter = boot("second");
    await expect(snapshotter.stat("in memory")).rejects.toMatchObject({ code: "not_found" });
    expect((await snapshotter.stat("flushed")).kind).toBe("committed");
    expect((await snapshotter.stat("container")).kind).toBe("active");
    await snapshotter.mounts("container");
    await snapshotter.settled();
    await expect(snapshotter.mounts("lost container")).rejects.toMatchObject({ code: "data_loss" });
  } finally {
    await mounted[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  }
});

test("OverlaySnapshotter.restore() makes a layer in two parts whole again, on what both stood on", async () => {
  await using f = await fixture(open);
  const snapshotter = f.snapshotter as OverlaySnapshotter;
  const fill = async (key: string, parent: string | undefined, files: readonly string[]): Promise<void> => {
    const mounts = await snapshotter.prepare(key, parent);
    await inside(f.directory, mounts, (path) => {
      for (const file of files) writeFileSync(join(path, file), key);
    });
  };
  await fill("a", undefined, ["base"]);
  await snapshotter.commit("base", "a");
  await fill("b", "base", ["gone", "kept"]);
  await snapshotter.commit("whole", "b");
  await fill("c", "whole", ["new"]);
  await snapshotter.commit("changed", "c", { continuesParent: true });
  await snapshotter.restore("changed", async (mounts) => {
    await inside(f.directory, mounts, (path) => {
      for (const file of ["kept", "new"]) writeFileSync(join(path, file), "restored");
    });
  });
  expect(await snapshotter.stat("changed")).toMatchObject({ parent: "base" });
  const seen = await inside(f.directory, await snapshotter.view("v", "changed"), (path) => readdirSync(path));
  expect(seen.sort()).toEqual(["base", "kept", "new"]);
});
