import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AT_FDCWD } from "../platform/fd.ts";
import { statAt } from "../platform/stat.ts";
import { getXattr } from "../platform/xattr.ts";
import { isWhiteout } from "./overlay-marks.ts";
import { tarTypes } from "./tar/tar-header.ts";
import { TarParser } from "./tar/tar-parser.ts";
import { tarHeaderBlocks, tarPadding, tarTrailer, type TarEntryHeader } from "./tar/tar-writer.ts";
import { Unpacker } from "./unpacker.ts";

type Entry = Partial<TarEntryHeader> & { name: string; content?: string };

interface Row {
  readonly Name: string;
  readonly Typeflag?: { readonly $expr: string };
  readonly Linkname?: string;
  readonly Mode?: number;
}

const tables = JSON.parse(
  readFileSync(join(import.meta.dir, "../../test/data/go-archive/security.json"), "utf8"),
) as Record<string, { func: string; rows: unknown[] }[]>;

let base = "";
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "unpacker-"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function tar(entries: readonly Entry[]): Uint8Array {
  const parts = entries.flatMap(({ content = "", ...entry }) => [
    tarHeaderBlocks({ type: tarTypes.file, mode: 0o644, size: content.length, ...entry }),
    Buffer.from(content),
    tarPadding(content.length),
  ]);
  return Buffer.concat([...parts, tarTrailer()]);
}

/** Unpacks into a new directory with a neighbour that nothing may touch. */
function unpack(entries: readonly Entry[], options: { isPlain?: boolean; into?: string } = {}): string {
  const home = mkdtempSync(join(base, "case-"));
  const root = options.into ?? join(home, "dest");
  if (options.into === undefined) mkdirSync(root);
  mkdirSync(join(home, "victim"));
  writeFileSync(join(home, "victim/hello"), "hello");
  const before = statSync(join(home, "victim")).mtimeMs;
  const parser = new TarParser();
  try {
    using unpacker = new Unpacker(root, { xattrs: "trusted", ...options });
    for (const event of parser.push(tar(entries))) unpacker.handle(event);
    for (const event of parser.end()) unpacker.handle(event);
    unpacker.finish();
  } finally {
    expect(readdirSync(home).sort()).toEqual(options.into === undefined ? ["dest", "victim"] : ["victim"]);
    expect(readdirSync(join(home, "victim"))).toEqual(["hello"]);
    expect(readFileSync(join(home, "victim/hello"), "utf8")).toBe("hello");
    expect(lstatSync(join(home, "victim/hello")).nlink).toBe(1);
    expect(statSync(join(home, "victim")).mtimeMs).toBe(before);
  }
  return root;
}

const types: Record<string, string> = {
  "tar.TypeReg": tarTypes.file,
  "tar.TypeLink": tarTypes.hardLink,
  "tar.TypeSymlink": tarTypes.symlink,
  "tar.TypeDir": tarTypes.directory,
};

function rows(file: string, func: string): Entry[][] {
  const found = tables[`go-archive/${file}`]?.filter((table) => table.func === func) ?? [];
  return found
    .flatMap((table) => (Array.isArray(table.rows[0]) ? table.rows : [table.rows]) as Row[][])
    .map(toEntries);
}

function toEntries(entries: Row[]): Entry[] {
  return entries.map(({ Name, Typeflag, Linkname = "", Mode = 0o777 }) => {
    const type = types[Typeflag?.$expr ?? "tar.TypeReg"] ?? "?";
    return { name: Name, type, linkname: Linkname, mode: Mode };
  });
}

const hostile: [string, string][] = [
  ["diff_test.go", "TestApplyLayerInvalidFilenames"],
  ["diff_test.go", "TestApplyLayerInvalidHardlink"],
  ["diff_test.go", "TestApplyLayerInvalidSymlink"],
  ["archive_test.go", "TestUntarInvalidSymlink"],
  ["archive_test.go", "TestUntarSymlinkBreakout"],
];

for (const [file, func] of hostile) {
  for (const [index, entries] of rows(file, func).entries()) {
    test(`Unpacker stays inside the root: ${func} ${index}`, () => {
      try {
        unpack(entries);
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid_argument" });
      }
    });
  }
}

const refused: [string, Entry[]][] = [
  ["a name that leads out", [{ name: "../out" }]],
  ["a name that leads out in the middle", [{ name: "a/../../out" }]],
  ["the parent itself", [{ name: ".." }]],
  ["a hard link out", [{ name: "l", type: "1", linkname: "../victim/hello" }]],
  ["a hard link to what is not in the layer", [{ name: "l", type: "1", linkname: "victim/hello" }]],
  [
    "a hard link to a directory",
    [
      { name: "d/", type: "5" },
      { name: "l", type: "1", linkname: "d" },
    ],
  ],
  ["a symbolic link to nothing", [{ name: "l", type: "2", linkname: "" }]],
  ["a whiteout without a name", [{ name: "d/.wh." }]],
  ["a whiteout of the directory", [{ name: "d/.wh.." }]],
  ["a whiteout of the parent", [{ name: ".wh..." }]],
  ["a file below a file", [{ name: "f" }, { name: "f/g" }]],
  ["a link that goes round", [{ name: "l", type: "2", linkname: "l" }, { name: "l/f" }]],
  ["a root that is a file", [{ name: "./", type: "0" }]],
  ["a type nobody knows", [{ name: "x", type: "Z" }]],
  ["an owner that is no owner", [{ name: "x", uid: 2 ** 32 - 1 }]],
  ["a name longer than a path", [{ name: "x/".repeat(3000) }]],
];

for (const [what, entries] of refused) {
  test(`Unpacker refuses ${what}`, () => {
    expect(() => unpack(entries)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });
}

test("Unpacker takes absolute names as relative to the root, as Docker does", () => {
  const root = unpack([
    { name: "/../abs", content: "x" },
    { name: "//a//b/./c", content: "y" },
  ]);
  expect(readFileSync(join(root, "abs"), "utf8")).toBe("x");
  expect(readFileSync(join(root, "a/b/c"), "utf8")).toBe("y");
});

test("Unpacker follows links of the archive within the root, also ones that are replaced on the way", () => {
  const root = unpack([
    { name: "in", type: "2", linkname: "/real" },
    { name: "in/f", content: "1" },
    { name: "up", type: "2", linkname: "../../../victim" },
    { name: "up/f", content: "2" },
    { name: "d/", type: "5", mode: 0o755 },
    { name: "d/f" },
    { name: "d", type: "2", linkname: "../victim" },
    { name: "d/hello", content: "3" },
  ]);
  expect(readFileSync(join(root, "real/f"), "utf8")).toBe("1");
  expect(readFileSync(join(root, "victim/f"), "utf8")).toBe("2");
  expect(readFileSync(join(root, "victim/hello"), "utf8")).toBe("3");
});

test("Unpacker does not follow a link that stood in the directory before, out of the root", () => {
  const into = mkdtempSync(join(base, "given-"));
  symlinkSync("/etc", join(into, "conf"));
  unpack(
    [
      { name: "conf/slipway-test", content: "x" },
      { name: "conf", type: "5", mode: 0o755 },
    ],
    { into },
  );
  expect(existsSync("/etc/slipway-test")).toBe(false);
  expect(lstatSync(join(into, "conf")).isDirectory()).toBe(true);
  expect(readFileSync(join(into, "etc/slipway-test"), "utf8")).toBe("x");
});

test("Unpacker lets a later entry of the same name win", () => {
  const root = unpack([
    { name: "a", content: "one" },
    { name: "a", content: "two" },
    { name: "b/", type: "5", mode: 0o755 },
    { name: "b/c/d/e", content: "deep" },
    { name: "b", content: "file" },
    { name: "s", type: "2", linkname: "a" },
    { name: "s", content: "not through the link" },
    { name: "e/", type: "5", mode: 0o700 },
    { name: "e/kept" },
    { name: "e/", type: "5", mode: 0o750 },
  ]);
  expect(readFileSync(join(root, "a"), "utf8")).toBe("two");
  expect(readFileSync(join(root, "b"), "utf8")).toBe("file");
  expect(lstatSync(join(root, "s")).isFile()).toBe(true);
  expect(lstatSync(join(root, "e")).mode & 0o777).toBe(0o750);
  expect(readdirSync(join(root, "e"))).toEqual(["kept"]);
});

test("Unpacker never opens a device or pipe that the archive brings under a file's name", () => {
  const root = unpack([
    { name: "null", type: "3", mode: 0o666, devMajor: 1, devMinor: 3 },
    { name: "null", content: "file" },
    { name: "pipe", type: "6", mode: 0o666 },
    { name: "pipe", content: "file" },
    { name: "link", type: "2", linkname: "/dev/null" },
    { name: "link", content: "file" },
  ]);
  for (const name of ["null", "pipe", "link"]) {
    expect(lstatSync(join(root, name)).isFile()).toBe(true);
    expect(readFileSync(join(root, name), "utf8")).toBe("file");
  }
});

test("Unpacker writes whiteouts as the overlay does, and hides nothing of the layer itself", () => {
  const root = unpack([
    { name: "mine", content: "kept" },
    { name: ".wh.mine" },
    { name: ".wh.gone" },
    { name: "d/", type: "5", mode: 0o755 },
    { name: "d/f" },
    { name: ".wh.d" },
    { name: ".wh.later" },
    { name: "later/", type: "5", mode: 0o755 },
    { name: "o/", type: "5", mode: 0o755 },
    { name: "o/.wh..wh..opq" },
    { name: ".wh..wh.plnk/", type: "5" },
  ]);
  const opaque = (name: string) => getXattr(AT_FDCWD, join(root, name), "trusted.overlay.opaque")?.toString();
  expect(readdirSync(root).sort()).toEqual(["d", "gone", "later", "mine", "o"]);
  expect(readFileSync(join(root, "mine"), "utf8")).toBe("kept");
  expect(isWhiteout(statAt(AT_FDCWD, join(root, "gone")))).toBe(true);
  expect([opaque("d"), opaque("later"), opaque("o")]).toEqual(["121", "121", "121"]);
  expect(readdirSync(join(root, "d"))).toEqual(["f"]);
});

test("Unpacker takes .wh. names as they are in an archive that is no layer", () => {
  const root = unpack([{ name: ".wh.x", content: "x" }, { name: "d/.wh..wh..opq" }], { isPlain: true });
  expect(readFileSync(join(root, ".wh.x"), "utf8")).toBe("x");
  expect(readdirSync(join(root, "d"))).toEqual([".wh..wh..opq"]);
});

test("Unpacker keeps owners, modes, times and attributes, and takes no overlay attribute from an archive", () => {
  const xattrs = new Map<string, Uint8Array>([
    ["user.binary", Buffer.from([0, 255, 10, 61])],
    ["trusted.overlay.redirect", Buffer.from("/etc")],
    ["security.capability", Buffer.from("0100000200200000000000000000000000000000", "hex")],
  ]);
  const root = unpack([
    { name: "d/", type: "5", mode: 0o2755, uid: 4_000_000_000, gid: 5, mtime: 1_000_000_001n },
    { name: "d/f", mode: 0o4751, uid: 1, gid: 4_294_967_294, mtime: 1_234_567_890_123_456_789n, xattrs },
    { name: "d/fifo", type: "6", mode: 0o622 },
    { name: "d/dev", type: "4", mode: 0o660, devMajor: 7, devMinor: 300 },
    { name: "d/link", type: "2", linkname: "/no/where", mtime: -1_500_000_000n },
  ]);
  const stat = (name: string) => statAt(AT_FDCWD, join(root, name));
  expect(stat("d")).toMatchObject({ mode: 0o42755, uid: 4_000_000_000, gid: 5, mtime: 1_000_000_001n });
  expect(stat("d/f")).toMatchObject({ mode: 0o104751, uid: 1, gid: 4_294_967_294 });
  expect(stat("d/f").mtime).toBe(1_234_567_890_123_456_789n);
  expect(stat("d/fifo").mode).toBe(0o010622);
  expect(stat("d/dev")).toMatchObject({ mode: 0o060660, rdevMajor: 7, rdevMinor: 300 });
  expect(stat("d/link").mtime).toBe(-1_500_000_000n);
  expect(readlinkSync(join(root, "d/link"))).toBe("/no/where");
  const f = join(root, "d/f");
  expect(getXattr(AT_FDCWD, f, "user.binary")).toEqual(new Uint8Array([0, 255, 10, 61]));
  expect(getXattr(AT_FDCWD, f, "security.capability")?.length).toBe(20);
  expect(getXattr(AT_FDCWD, f, "trusted.overlay.redirect")).toBeUndefined();
});

test("Unpacker makes directories that no entry names, also hundreds of levels deep", () => {
  const name = `${"d/".repeat(700)}f`;
  const root = unpack([
    { name, content: "x" },
    { name: "d", content: "gone" },
  ]);
  expect(readFileSync(join(root, "d"), "utf8")).toBe("gone");
  expect(spawnSync("ls", ["-A", root]).stdout.toString()).toBe("d\n");
});
