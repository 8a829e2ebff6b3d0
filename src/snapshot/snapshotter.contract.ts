import { expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../errors.ts";
import type { Mount } from "../oci/mount.ts";
import { mountAll } from "../platform/mount-all.ts";
import { State } from "../state/state.ts";
import type { SnapshotInfo, Snapshotter } from "./snapshotter.ts";

export interface SnapshotterFixture extends AsyncDisposable {
  readonly snapshotter: Snapshotter;
  readonly directory: string;
}

/** A snapshotter in a directory of its own; dispose removes both. */
export async function fixture(
  open: (root: string, state: State) => Snapshotter,
): Promise<SnapshotterFixture> {
  const directory = mkdtempSync(join(tmpdir(), "snapshotter-"));
  const state = State.open(":memory:");
  const snapshotter = open(join(directory, "snapshots"), state);
  return {
    snapshotter,
    directory,
    async [Symbol.asyncDispose]() {
      await snapshotter[Symbol.asyncDispose]();
      state[Symbol.dispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Mounts, works in the mounted directory, unmounts. */
export async function inside<T>(
  base: string,
  mounts: readonly Mount[],
  work: (path: string) => T,
): Promise<T> {
  const target = mkdtempSync(join(base, "mount-"));
  await using _mounted = mountAll(mounts, target);
  return work(target);
}

async function commitTree(
  { snapshotter, directory }: SnapshotterFixture,
  name: string,
  parent: string | undefined,
  fill: (path: string) => void,
): Promise<void> {
  await inside(directory, await snapshotter.prepare(`${name}-active`, parent), fill);
  await snapshotter.commit(name, `${name}-active`);
}

/** What every driver has to do. Needs the right to mount. */
export function snapshotterContract(name: string, open: (root: string, state: State) => Snapshotter): void {
  test(`${name} shows a parent's files, and keeps changes from it`, async () => {
    await using f = await fixture(open);
    await commitTree(f, "base", undefined, (path) => {
      writeFileSync(join(path, "kept"), "base");
      writeFileSync(join(path, "gone"), "base");
    });
    await commitTree(f, "top", "base", (path) => {
      rmSync(join(path, "gone"));
      writeFileSync(join(path, "kept"), "top");
    });
    const base = await inside(f.directory, await f.snapshotter.view("v1", "base"), (path) => [
      readdirSync(path).sort(),
      readFileSync(join(path, "kept"), "utf8"),
    ]);
    expect(base).toEqual([["gone", "kept"], "base"]);
    const top = await inside(f.directory, await f.snapshotter.view("v2", "top"), (path) => [
      readdirSync(path),
      readFileSync(join(path, "kept"), "utf8"),
    ]);
    expect(top).toEqual([["kept"], "top"]);
  });

  test(`${name}.view() cannot be written to`, async () => {
    await using f = await fixture(open);
    await commitTree(f, "a", undefined, (path) => writeFileSync(join(path, "f"), ""));
    await commitTree(f, "b", "a", (path) => writeFileSync(join(path, "g"), ""));
    for (const parent of ["a", "b"]) {
      const mounts = await f.snapshotter.view(`view-${parent}`, parent);
      await inside(f.directory, mounts, (path) => {
        expect(() => writeFileSync(join(path, "h"), "")).toThrow("EROFS");
      });
    }
  });

  test(`${name}.prepare() gives the root directory its parent's owner and mode`, async () => {
    await using f = await fixture(open);
    await commitTree(f, "base", undefined, (path) => {
      chmodSync(path, 0o1750);
      chownSync(path, 12, 34);
    });
    await inside(f.directory, await f.snapshotter.prepare("c", "base"), (path) => {
      const { mode, uid, gid } = statSync(path);
      expect([mode & 0o7777, uid, gid]).toEqual([0o1750, 12, 34]);
    });
  });

  test(`${name}.fork() copies what an active snapshot changed, and keeps the two apart`, async () => {
    await using f = await fixture(open);
    await commitTree(f, "base", undefined, (path) => {
      for (const name of ["kept", "gone", "changed"]) writeFileSync(join(path, name), "base");
      mkdirSync(join(path, "replaced/inner"), { recursive: true });
    });
    await inside(f.directory, await f.snapshotter.prepare("one", "base"), (path) => {
      rmSync(join(path, "gone"));
      writeFileSync(join(path, "changed"), "one");
      rmSync(join(path, "replaced"), { recursive: true });
      mkdirSync(join(path, "replaced"));
      linkSync(join(path, "changed"), join(path, "linked"));
    });
    await f.snapshotter.fork("two", "one");
    await inside(f.directory, await f.snapshotter.mounts("two"), (path) => {
      expect(readdirSync(path).sort()).toEqual(["changed", "kept", "linked", "replaced"]);
      expect(readdirSync(join(path, "replaced"))).toEqual([]);
      expect(statSync(join(path, "linked")).nlink).toBe(2);
      writeFileSync(join(path, "changed"), "two");
      expect(readFileSync(join(path, "linked"), "utf8")).toBe("two");
    });
    await inside(f.directory, await f.snapshotter.mounts("one"), (path) => {
      expect(readFileSync(join(path, "changed"), "utf8")).toBe("one");
    });
    expect((await f.snapshotter.stat("two")).parent).toBe("base");
    expect(await f.snapshotter.fork("two", "one").catch(errorCode)).toBe("conflict");
    expect(await f.snapshotter.fork("three", "base").catch(errorCode)).toBe("invalid_argument");
  });

  test(`${name}.fork() copies many files with directories' times, modes and hard links as they are`, async () => {
    await using f = await fixture(open);
    const old = new Date("2001-02-03T04:05:06.789Z");
    const fill = (path: string) => {
      for (const directory of ["a", "a/b", "c"]) mkdirSync(join(path, directory), { mode: 0o750 });
      for (let at = 0; at < 600; at += 1)
        writeFileSync(join(path, ["a", "a/b", "c"][at % 3] ?? "", `${at}`), `${at}`);
      for (let at = 0; at < 9; at += 1) linkSync(join(path, "a/b/4"), join(path, `c/link${at}`));
      for (const directory of ["a/b", "a", "c", "."]) utimesSync(join(path, directory), old, old);
    };
    await inside(f.directory, await f.snapshotter.prepare("one"), fill);
    await f.snapshotter.fork("two", "one");
    await inside(f.directory, await f.snapshotter.mounts("two"), (path) => {
      for (const directory of ["a", "a/b", "c", "."])
        expect(statSync(join(path, directory)).mtime).toEqual(old);
      expect(statSync(join(path, "a/b")).mode & 0o777).toBe(0o750);
      expect(statSync(join(path, "a/b/4")).nlink).toBe(10);
      for (let at = 0; at < 600; at += 1)
        expect(readFileSync(join(path, ["a", "a/b", "c"][at % 3] ?? "", `${at}`), "utf8")).toBe(`${at}`);
    });
  });

  test(`${name}.commit() puts a snapshot on the parent it names`, async () => {
    await using f = await fixture(open);
    const { snapshotter, directory } = f;
    const upper = await snapshotter.prepare("upper");
    await commitTree(f, "base", undefined, (path) => writeFileSync(join(path, "base"), ""));
    await inside(directory, upper, (path) => writeFileSync(join(path, "upper"), ""));
    await snapshotter.commit("chain", "upper", { parent: "base" });
    expect((await snapshotter.stat("chain")).parent).toBe("base");
    const names = await inside(directory, await snapshotter.view("v", "chain"), (path) => readdirSync(path));
    expect(names.sort()).toEqual(["base", "upper"]);
  });

  test(`${name} shows the layer of a snapshot alone, with what it continues`, async () => {
    await using f = await fixture(open);
    const { snapshotter } = f;
    await commitTree(f, "base", undefined, (path) => writeFileSync(join(path, "base"), ""));
    await commitTree(f, "whole", "base", (path) => {
      writeFileSync(join(path, "kept"), "");
      writeFileSync(join(path, "gone"), "");
    });
    await inside(f.directory, await snapshotter.prepare("step", "whole"), (path) => {
      rmSync(join(path, "gone"));
      writeFileSync(join(path, "new"), "");
    });
    await snapshotter.commit("changed", "step", { continuesParent: true });
    expect((await snapshotter.stat("changed")).continuesParent).toBe(true);
    expect((await snapshotter.stat("whole")).continuesParent).toBeUndefined();
    const names = async (of: string): Promise<string[]> =>
      (await inside(f.directory, await snapshotter.layer(of), (path) => readdirSync(path))).sort();
    expect(await names("whole")).toEqual(["gone", "kept"]);
    expect(await names("changed")).toEqual(["kept", "new"]);
    const seen = await inside(f.directory, await snapshotter.view("v", "changed"), (path) =>
      readdirSync(path),
    );
    expect(seen.sort()).toEqual(["base", "kept", "new"]);
  });

  test(`${name} refuses keys that exist, parents that do not, and parents that are not committed`, async () => {
    await using f = await fixture(open);
    const { snapshotter } = f;
    await snapshotter.prepare("a");
    await expect(snapshotter.prepare("a")).rejects.toMatchObject({ code: "conflict" });
    await expect(snapshotter.prepare("b", "none")).rejects.toMatchObject({ code: "not_found" });
    await expect(snapshotter.prepare("b", "a")).rejects.toMatchObject({ code: "invalid_argument" });
    await expect(snapshotter.stat("b")).rejects.toMatchObject({ code: "not_found" });
    await expect(snapshotter.mounts("b")).rejects.toMatchObject({ code: "not_found" });
    await snapshotter.commit("done", "a");
    await snapshotter.prepare("c");
    await expect(snapshotter.commit("done", "c")).rejects.toMatchObject({ code: "conflict" });
    expect((await snapshotter.stat("c")).kind).toBe("active");
    await expect(snapshotter.commit("again", "done")).rejects.toMatchObject({ code: "invalid_argument" });
  });

  test(`${name}.remove() refuses while another snapshot stands on it, and takes the files with it`, async () => {
    await using f = await fixture(open);
    const { snapshotter } = f;
    await commitTree(f, "base", undefined, (path) => {
      mkdirSync(join(path, "deep/er"), { recursive: true });
      writeFileSync(join(path, "deep/er/file"), "x");
    });
    await snapshotter.prepare("child", "base");
    await expect(snapshotter.remove("base")).rejects.toMatchObject({ code: "conflict" });
    await snapshotter.remove("child");
    await snapshotter.remove("base");
    await expect(snapshotter.remove("base")).rejects.toMatchObject({ code: "not_found" });
    await snapshotter[Symbol.asyncDispose]();
  });

  test(`${name}.usage() counts a snapshot alone, and hard links once`, async () => {
    await using f = await fixture(open);
    await commitTree(f, "base", undefined, (path) => writeFileSync(join(path, "f"), Buffer.alloc(1 << 20)));
    await commitTree(f, "top", "base", (path) => writeFileSync(join(path, "g"), Buffer.alloc(1 << 16)));
    const [base, top] = [await f.snapshotter.usage("base"), await f.snapshotter.usage("top")];
    expect(base.bytes).toBeWithin(1 << 20, (1 << 20) + (1 << 15));
    expect(top.bytes).toBeWithin(1 << 16, (1 << 16) + (1 << 15));
    expect([base.contentBytes, top.contentBytes]).toEqual([1 << 20, 1 << 16]);
    expect(await f.snapshotter.usage("base")).toEqual(base);
  });

  test(`${name}.list() tells of every snapshot`, async () => {
    await using f = await fixture(open);
    await commitTree(f, "base", undefined, () => undefined);
    await f.snapshotter.prepare("run", "base");
    await f.snapshotter.view("look", "base");
    const found: SnapshotInfo[] = [];
    for await (const info of f.snapshotter.list()) found.push(info);
    expect(found.map(({ key, kind, parent }) => [key, kind, parent])).toEqual([
      ["base", "committed", undefined],
      ["run", "active", "base"],
      ["look", "view", "base"],
    ]);
  });
}
