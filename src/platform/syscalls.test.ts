import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeBytes } from "../internal/byte-string.ts";
import {
  linkAt,
  makeDirAt,
  readDir,
  readLinkAt,
  renameAt,
  RENAME_NOREPLACE,
  setTimesAt,
  symlinkAt,
} from "./dir-at.ts";
import {
  AT_FDCWD,
  cloneFd,
  closeFd,
  copyRange,
  dataExtents,
  O_CREAT,
  O_DIRECTORY,
  O_RDONLY,
  O_RDWR,
  openAt,
  openConfined,
  readAt,
  RESOLVE_BENEATH,
  RESOLVE_IN_ROOT,
  truncateFd,
  writeAt,
} from "./fd.ts";
import { mountAll, withOption } from "./mount-all.ts";
import { escapeOption, lowerDirectories, unescapeOption } from "./overlay-options.ts";
import { removeTreeAt } from "./remove-tree.ts";
import { statAt, statAtIfAny } from "./stat.ts";
import { getXattr, listXattrs, removeXattr, setXattr } from "./xattr.ts";

let base = "";
let dir = -1;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "syscalls-"));
  dir = openAt(AT_FDCWD, base, O_RDONLY | O_DIRECTORY);
});
afterAll(() => {
  closeFd(dir);
  rmSync(base, { recursive: true, force: true });
});

test("openAt() throws the errno's name, and takes names that are not UTF-8", () => {
  expect(() => openAt(dir, "none", O_RDONLY)).toThrow(
    expect.objectContaining({ code: "ENOENT", syscall: "openat" }),
  );
  expect(() => openAt(dir, "a\0b", O_RDONLY)).toThrow(expect.objectContaining({ code: "EINVAL" }));
  const name = decodeBytes(Buffer.from([0x61, 0xff]));
  closeFd(openAt(dir, name, O_RDWR | O_CREAT, 0o600));
  expect(readDir(openAt(dir, ".", O_RDONLY | O_DIRECTORY)).map(decodeBytes)).toContain(name);
});

test("openConfined() stays beneath, or takes the directory as the root", () => {
  symlinkSync("/inner", join(base, "absolute"));
  mkdirSync(join(base, "inner"));
  const beneath = () => openConfined(dir, "absolute", O_RDONLY, RESOLVE_BENEATH);
  expect(beneath).toThrow(expect.objectContaining({ code: "EXDEV" }));
  const fd = openConfined(dir, "absolute/../../../inner", O_RDONLY, RESOLVE_IN_ROOT);
  expect(statAt(fd, "").ino).toBe(statAt(dir, "inner").ino);
  closeFd(fd);
});

test("dataExtents() and copyRange() leave holes out", () => {
  const [from, to] = [
    openAt(dir, "holes", O_RDWR | O_CREAT, 0o600),
    openAt(dir, "copy", O_RDWR | O_CREAT, 0o600),
  ];
  truncateFd(from, 10 << 20);
  writeAt(from, Buffer.alloc(4096, 7), 1 << 20);
  const extents = [...dataExtents(from, 10 << 20)];
  expect(extents).toEqual([{ offset: 1 << 20, length: 4096 }]);
  truncateFd(to, 10 << 20);
  for (const { offset, length } of extents) expect(copyRange(from, to, offset, length)).toBe(4096);
  const read = new Uint8Array(8192);
  expect(readAt(to, read, (1 << 20) - 4096)).toBe(8192);
  expect([read[4095], read[4096]]).toEqual([0, 7]);
  expect(statAt(to, "").blocks).toBeLessThan(64);
  expect([true, false]).toContain(cloneFd(from, to));
  closeFd(from);
  closeFd(to);
});

test("names in a directory are made, linked, renamed and timed", () => {
  makeDirAt(dir, "d", 0o700);
  symlinkAt("target", dir, "d/soft");
  linkAt(dir, "d/soft", dir, "d/hard");
  expect(decodeBytes(readLinkAt(dir, "d/hard"))).toBe("target");
  expect(() => renameAt(dir, "d/soft", dir, "d/hard", RENAME_NOREPLACE)).toThrow("EEXIST");
  setTimesAt(dir, "d/soft", 1n, -1n);
  expect(statAt(dir, "d/soft")).toMatchObject({ atime: 1n, mtime: -1n, nlink: 2 });
  expect(statAtIfAny(dir, "d/none")).toBeUndefined();
});

test("attributes hold any bytes, also none", () => {
  writeFileSync(join(base, "attributes"), "");
  setXattr(dir, "attributes", "user.a", Uint8Array.from([0, 255]));
  setXattr(dir, "attributes", "user.b", new Uint8Array(0));
  setXattr(dir, "attributes", "user.c", new Uint8Array(2000).fill(9));
  expect(listXattrs(dir, "attributes").sort()).toEqual(["user.a", "user.b", "user.c"]);
  expect(getXattr(dir, "attributes", "user.a")).toEqual(Uint8Array.from([0, 255]));
  expect(getXattr(dir, "attributes", "user.b")?.length).toBe(0);
  expect(getXattr(dir, "attributes", "user.c")?.length).toBe(2000);
  removeXattr(dir, "attributes", "user.a");
  removeXattr(dir, "attributes", "user.a");
  expect(getXattr(dir, "attributes", "user.a")).toBeUndefined();
});

test("removeTreeAt() takes trees of any depth, and follows no link", () => {
  const deep = join(base, "deep");
  mkdirSync(join(deep, "x/".repeat(1500)), { recursive: true });
  writeFileSync(join(base, "outside"), "kept");
  symlinkSync("../outside", join(deep, "x/link"));
  removeTreeAt(dir, "deep");
  expect(existsSync(deep)).toBe(false);
  expect(readFileSync(join(base, "outside"), "utf8")).toBe("kept");
  removeTreeAt(dir, "deep");
});

test("removeTreeAt() does not enter a mount", async () => {
  const target = join(base, "tree/mounted");
  await using _mounted = mountAll(
    [{ type: "tmpfs", source: "tmpfs", options: ["nosuid", "size=64k"] }],
    target,
  );
  writeFileSync(join(target, "kept"), "");
  expect(() => removeTreeAt(dir, "tree")).toThrow();
  expect(existsSync(join(target, "kept"))).toBe(true);
});

test("mountAll() binds read-only", async () => {
  const [source, target] = [join(base, "source"), join(base, "bound")];
  mkdirSync(source);
  {
    await using _mounted = mountAll([{ type: "bind", source, options: ["rbind", "ro", "nosuid"] }], target);
    expect(() => writeFileSync(join(target, "f"), "")).toThrow("EROFS");
    writeFileSync(join(source, "f"), "");
    expect(existsSync(join(target, "f"))).toBe(true);
  }
  expect(existsSync(join(target, "f"))).toBe(false);
});

test("withOption() adds to overlays, once", () => {
  const overlay = { type: "overlay", source: "overlay", options: ["lowerdir=/a"] };
  const bind = { type: "bind", source: "/a", options: ["bind"] };
  const changed = withOption(withOption([overlay, bind], "volatile"), "volatile");
  expect(changed).toEqual([{ ...overlay, options: ["lowerdir=/a", "volatile"] }, bind]);
});

test("lowerDirectories() undoes escapeOption()", () => {
  const paths = ["/a:b", "/c\\d", "/e,f", "/g"];
  expect(lowerDirectories(`lowerdir=${paths.map(escapeOption).join(":")}`)).toEqual(paths);
  expect(unescapeOption(escapeOption("\\:,"))).toBe("\\:,");
});
