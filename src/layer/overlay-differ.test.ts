import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { MemoryContentStore } from "../content/memory-content-store.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { digestOf } from "../oci/digest.ts";
import { mediaTypes } from "../oci/media-types.ts";
import { chmodAt, chownAt, makeNodeAt, setTimesAt } from "../platform/dir-at.ts";
import { AT_FDCWD } from "../platform/fd.ts";
import { mountAll } from "../platform/mount-all.ts";
import { S_IFBLK, S_IFIFO, statAt } from "../platform/stat.ts";
import { setXattr } from "../platform/xattr.ts";
import { OverlaySnapshotter } from "../snapshot/overlay-snapshotter.ts";
import { State } from "../state/state.ts";
import { makeOpaque, makeWhiteout } from "./overlay-marks.ts";
import { OverlayDiffer } from "./overlay-differ.ts";
import { tarTypes } from "./tar/tar-header.ts";
import { writeTar, type TarWriterEntry } from "./tar/tar-writer.ts";

let base = "";
let store: MemoryContentStore;
let differ: OverlayDiffer;

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "differ-"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));
beforeEach(() => {
  store = new MemoryContentStore();
  differ = new OverlayDiffer({ store });
});
afterEach(() => differ[Symbol.asyncDispose]());

function directory(): string {
  return mkdtempSync(join(base, "tree-"));
}

function bind(source: string) {
  return [{ type: "bind", source, options: ["rbind", "rw"] }];
}

async function put(bytes: Uint8Array, mediaType: string): Promise<Descriptor> {
  await using writer = await store.ingest("test");
  await writer.write(bytes);
  return { ...(await writer.commit()), mediaType };
}

async function tarOf(entries: readonly TarWriterEntry[]): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of writeTar(entries)) parts.push(Uint8Array.from(chunk));
  return Buffer.concat(parts);
}

/** A tree of every kind of thing that a layer can hold. */
function makeEverything(root: string): void {
  const at = (name: string) => join(root, name);
  mkdirSync(at("dir/empty"), { recursive: true });
  writeFileSync(at("dir/file"), "content");
  linkSync(at("dir/file"), at("dir/hard"));
  symlinkSync("../nowhere", at("dir/soft"));
  linkSync(at("dir/soft"), at("dir/soft-hard"));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/not-utf8-`), Buffer.from([0xff, 0xfe])]), "bytes");
  symlinkSync(Buffer.from([0x80, 0x2f, 0xff]), at("soft-bytes"));
  writeFileSync(at("n".repeat(255)), "long");
  makeNodeAt(AT_FDCWD, at("block"), S_IFBLK | 0o600, 7, 1000);
  makeNodeAt(AT_FDCWD, at("fifo"), S_IFIFO | 0o644, 0, 0);
  makeWhiteout(AT_FDCWD, at("whiteout"));
  mkdirSync(at("opaque"));
  makeOpaque(AT_FDCWD, at("opaque"), "trusted");
  writeFileSync(at("sparse"), "start");
  truncateSync(at("sparse"), 40 << 20);
  writeFileSync(at("large"), Buffer.alloc(3_000_001, "large"));
  chownAt(AT_FDCWD, at("large"), 4_294_967_294, 100_000);
  setXattr(AT_FDCWD, at("large"), "user.bytes", Uint8Array.from([0, 10, 255, 61]));
  setXattr(AT_FDCWD, at("large"), "user.empty", new Uint8Array(0));
  setXattr(AT_FDCWD, at("large"), "trusted.thing", Buffer.from("t"));
  // An access and a default ACL: version 2, then tag, rights and id of each entry.
  const acl = "0200000001000700ffffffff02000500e803000004000500ffffffff10000700ffffffff20000500ffffffff";
  setXattr(AT_FDCWD, at("large"), "system.posix_acl_access", Buffer.from(acl, "hex"));
  setXattr(AT_FDCWD, at("dir"), "system.posix_acl_default", Buffer.from(acl, "hex"));
  setXattr(
    AT_FDCWD,
    at("dir/file"),
    "security.capability",
    Buffer.from("0100000200200000000000000000000000000000", "hex"),
  );
  writeFileSync(at("setuid"), "");
  chmodAt(AT_FDCWD, at("setuid"), 0o6755);
  mkdirSync(at("sticky"));
  chmodAt(AT_FDCWD, at("sticky"), 0o3777);
  setTimesAt(AT_FDCWD, at("dir/file"), 0n, 1_234_567_890_987_654_321n);
  setTimesAt(AT_FDCWD, at("setuid"), 0n, -86_400_000_000_001n);
  setTimesAt(AT_FDCWD, at("dir"), 0n, 999_999_999n);
}

for (const compression of ["none", "gzip", "zstd"] as const) {
  test(`OverlayDiffer.apply() undoes compare() on a tree of everything, ${compression}`, async () => {
    const [from, to] = [directory(), directory()];
    makeEverything(from);
    const { layer, diffID } = await differ.compare(bind(from), { compression });
    expect(await differ.apply(layer, store, bind(to))).toBe(diffID);
    const again = await differ.compare(bind(to), { compression });
    expect(again).toEqual({ layer, diffID });
    expect(readdirSync(to, { encoding: "buffer" })).toEqual(readdirSync(from, { encoding: "buffer" }));
    expect(statAt(AT_FDCWD, join(to, "dir/hard")).ino).toBe(statAt(AT_FDCWD, join(to, "dir/file")).ino);
    expect(statAt(AT_FDCWD, join(to, "sparse"))).toMatchObject({ size: 40 << 20, blocks: 8 });
    expect(statAt(AT_FDCWD, join(to, "dir")).mtime).toBe(999_999_999n);
  });
}

test("OverlayDiffer.hashTree() and packTree() say what compare() would", async () => {
  const from = directory();
  makeEverything(from);
  const { layer, diffID } = await differ.compare(bind(from));
  expect(await differ.hashTree(bind(from))).toMatchObject({ diffID, size: layer.size });
  const hash = createHash("sha256");
  const packed = await differ.packTree(bind(from), (chunk) => void hash.update(chunk));
  expect(packed).toMatchObject({ diffID, size: layer.size });
  expect(`sha256:${hash.digest("hex")}`).toBe(layer.digest);
});

test("OverlayDiffer.hashTree() and packTree() take directories over each other for one layer", async () => {
  const [whole, upper, lower] = [directory(), directory(), directory()];
  for (const [root, names] of [
    [whole, ["same", "sub/kept", "sub/changed", "sub/new", "new/file"]],
    [lower, ["same", "gone", "sub/kept", "sub/changed", "gone-dir/file"]],
    [upper, ["sub/changed", "sub/new", "new/file"]],
  ] as const) {
    for (const name of names) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      const isOld = root === lower && name === "sub/changed";
      writeFileSync(join(root, name), isOld ? "old" : name);
    }
    makeWhiteout(AT_FDCWD, join(root, "hides-the-base"));
  }
  rmSync(join(upper, "hides-the-base"));
  for (const name of ["gone", "gone-dir"]) makeWhiteout(AT_FDCWD, join(upper, name));
  for (const root of [whole, upper, lower])
    for (const name of readdirSync(root, { recursive: true, encoding: "utf8" }))
      setTimesAt(AT_FDCWD, join(root, name), 0n, 0n);
  for (const root of [whole, upper, lower]) setTimesAt(AT_FDCWD, root, 0n, 0n);
  const options = ["ro", `lowerdir=${upper}:${lower}`];
  const layer = await differ.hashTree([{ type: "overlay", source: "overlay", options }]);
  expect(layer).toEqual(await differ.hashTree(bind(whole)));
  expect(layer.contentBytes).toBe(
    "same".length + "sub/kept".length + "sub/changed".length + "sub/newnew/file".length,
  );
});

test("OverlayDiffer.apply() tells the compression by the bytes, whatever the media type says", async () => {
  const tar = await tarOf([
    { header: { type: tarTypes.file, name: "f", mode: 0o644, size: 1 }, content: [Buffer.from("x")] },
  ]);
  for (const [bytes, mediaType] of [
    [tar, mediaTypes.ociLayerGzip],
    [gzipSync(tar), mediaTypes.ociLayerZstd],
  ] as const) {
    const to = directory();
    const diffID = await differ.apply(await put(bytes, mediaType), store, bind(to));
    expect(String(diffID)).toBe(digestOf(tar));
    expect(readFileSync(join(to, "f"), "utf8")).toBe("x");
  }
});

test("OverlayDiffer.apply() names damaged blobs, hostile archives and foreign layers", async () => {
  const tar = await tarOf([{ header: { type: tarTypes.file, name: "../f", mode: 0o644 } }]);
  const layer = await put(tar, mediaTypes.ociLayer);
  await expect(differ.apply(layer, store, bind(directory()))).rejects.toMatchObject({
    code: "invalid_argument",
    message: `Cannot unpack layer "${layer.digest}": Invalid entry "../f": path escapes the root`,
  });
  const wrong = { ...layer, size: layer.size + 1 };
  await expect(differ.apply(wrong, store, bind(directory()))).rejects.toMatchObject({ code: "data_loss" });
  const foreign = { ...layer, mediaType: mediaTypes.dockerForeignLayer };
  await expect(differ.apply(foreign, store, bind(directory()))).rejects.toMatchObject({
    code: "not_implemented",
  });
  const other = { ...layer, mediaType: "application/json" };
  await expect(differ.apply(other, store, bind(directory()))).rejects.toMatchObject({
    code: "invalid_argument",
  });
});

test("OverlayDiffer.apply() stops at its limit, and when it is aborted", async () => {
  const bomb = gzipSync(Buffer.concat([await tarOf([]), Buffer.alloc(32 << 20)]));
  const layer = await put(bomb, mediaTypes.ociLayerGzip);
  await using limited = new OverlayDiffer({ store, maxUnpackedSize: 1 << 20 });
  await expect(limited.apply(layer, store, bind(directory()))).rejects.toMatchObject({
    code: "resource_exhausted",
  });
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(differ.apply(layer, store, bind(directory()), { signal })).rejects.toThrow("enough");
});

interface Change {
  readonly change: readonly string[] | { $expr: string };
  readonly expected: readonly string[] | { $expr: string };
}

test("OverlayDiffer.apply() and the overlay hide what Docker's table says they do", async () => {
  const file = join(import.meta.dir, "../../test/data/go-archive/security.json");
  const tables = JSON.parse(readFileSync(file, "utf8")) as Record<
    string,
    { func: string; rows: unknown[] }[]
  >;
  const found =
    tables["go-archive/diff_test.go"]?.filter(({ func }) => func === "TestApplyLayerWhiteouts") ?? [];
  const [first, changes] = found.map(({ rows }) => rows) as [string[], Change[]];
  using state = State.open(":memory:");
  await using snapshotter = OverlaySnapshotter.open({ root: directory(), db: state.db });
  let parent: string | undefined;
  for (const [index, { change, expected }] of changes.entries()) {
    const names = "$expr" in change ? first : change;
    const layer = await put(await tarOf(names.map(namedEntry)), mediaTypes.ociLayer);
    const mounts = await snapshotter.prepare(`a${index}`);
    await differ.apply(layer, store, mounts);
    await snapshotter.commit(`c${index}`, `a${index}`, parent === undefined ? {} : { parent });
    parent = `c${index}`;
    const target = directory();
    await using _mounted = mountAll(await snapshotter.view(`v${index}`, parent), target);
    expect(listed(target)).toEqual([...("$expr" in expected ? first : expected)].sort());
  }
});

function namedEntry(name: string): TarWriterEntry {
  const type = name.endsWith("/") ? tarTypes.directory : tarTypes.file;
  return { header: { type, name, mode: 0o755 } };
}

function listed(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .map(
      (entry) => join(entry.parentPath, entry.name).slice(root.length + 1) + (entry.isDirectory() ? "/" : ""),
    )
    .sort();
}

test("OverlayDiffer.compare() packs what a container changed through the overlay", async () => {
  using state = State.open(":memory:");
  await using snapshotter = OverlaySnapshotter.open({ root: directory(), db: state.db });
  const [lower] = await snapshotter.prepare("base");
  mkdirSync(join(lower?.source ?? "", "etc/old"), { recursive: true });
  for (const name of ["etc/kept", "etc/gone", "etc/old/f"])
    writeFileSync(join(lower?.source ?? "", name), name);
  await snapshotter.commit("base-done", "base");
  const mounts = await snapshotter.prepare("run", "base-done");
  {
    const target = directory();
    await using _mounted = mountAll(mounts, target);
    rmSync(join(target, "etc/gone"));
    rmSync(join(target, "etc/old"), { recursive: true });
    mkdirSync(join(target, "etc/old"));
    writeFileSync(join(target, "etc/old/new"), "");
    writeFileSync(join(target, "etc/kept"), "changed");
  }
  const { layer } = await differ.compare(mounts);
  const to = directory();
  await differ.apply(layer, store, [{ type: "bind", source: to, options: ["bind", "rw"] }], {
    isPlain: true,
  });
  expect(listed(to)).toEqual([
    "etc/",
    "etc/.wh.gone",
    "etc/kept",
    "etc/old/",
    "etc/old/.wh..wh..opq",
    "etc/old/new",
  ]);
});
