import { expect, test } from "bun:test";
import { chmodSync, chownSync, linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBlob } from "../../content/read-blob.ts";
import { decodeBytes } from "../../internal/byte-string.ts";
import { makeOpaque, makeWhiteout } from "../../layer/overlay-marks.ts";
import { TarParser } from "../../layer/tar/tar-parser.ts";
import { makeNodeAt } from "../../platform/dir-at.ts";
import { AT_FDCWD } from "../../platform/fd.ts";
import { S_IFBLK, S_IFIFO } from "../../platform/stat.ts";
import { setXattr } from "../../platform/xattr.ts";
import { smallTar } from "../testing/small-tar.ts";
import { tempImageParts } from "../testing/temp-image-parts.ts";
import { hashFiles } from "./hash-files.ts";
import type { LayerEntry } from "./layer-entry.ts";
import { listDirectory } from "./list-directory.ts";
import { TarListing } from "./list-tar.ts";

function listTar(tar: Uint8Array, maxSize = 2 ** 40): LayerEntry[] {
  const [parser, listing] = [new TarParser(), new TarListing(maxSize)];
  for (const event of parser.push(tar)) listing.handle(event);
  for (const event of parser.end()) listing.handle(event);
  return listing.entries();
}

function fill(root: string): void {
  mkdirSync(join(root, "dir/deep"), { recursive: true });
  writeFileSync(join(root, "dir/file"), "content");
  linkSync(join(root, "dir/file"), join(root, "dir/second"));
  symlinkSync("../else where", join(root, "dir/link"));
  writeFileSync(join(root, "holes"), "");
  truncateSync(join(root, "holes"), 3 << 20);
  chownSync(join(root, "holes"), 4_000_000_000, 7);
  chmodSync(join(root, "holes"), 0o4711);
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]), "");
  setXattr(AT_FDCWD, join(root, "dir"), "user.colour", Uint8Array.of(0, 255));
  makeNodeAt(AT_FDCWD, join(root, "disk"), S_IFBLK | 0o660, 8, 17);
  makeNodeAt(AT_FDCWD, join(root, "fifo"), S_IFIFO | 0o600, 0, 0);
  makeWhiteout(AT_FDCWD, join(root, "dir/gone"));
  makeOpaque(AT_FDCWD, join(root, "dir/deep"), "trusted");
}

const isRoot = process.getuid?.() === 0;

test.if(isRoot)("listDirectory() and TarListing tell the same of one layer", async () => {
  await using t = await tempImageParts();
  const mounts = await t.snapshotter.prepare("tree");
  const root = mounts[0]?.source ?? "";
  fill(root);
  const { layer } = await t.differ.compare(mounts);
  const walked = [...listDirectory([root], "trusted")].map((entry) => {
    const [sha256 = ""] = entry.kind === "file" ? hashFiles([root], [entry.path]) : [];
    return sha256 === "" ? entry : { ...entry, sha256 };
  });
  const key = ({ path, kind }: LayerEntry) => `${path} ${kind}`;
  const byPath = (a: LayerEntry, b: LayerEntry) => (key(a) < key(b) ? -1 : 1);
  const read = listTar(await readBlob(t.content, layer));
  expect(read.sort(byPath)).toEqual(walked.sort(byPath));
  const paths = walked.map(({ path }) => path);
  expect(paths).toContain(decodeBytes(Buffer.from([0x66, 0xff])));
  expect(walked.find(({ path }) => path === "dir/second")?.link).toBe("dir/file");
  expect(walked.filter(({ kind }) => kind === "whiteout" || kind === "opaque")).toHaveLength(2);
});

test("TarListing takes the last of two entries of one name, and refuses links to nothing and names that leave", () => {
  const twice = smallTar([
    { name: "a", content: Buffer.from("first") },
    { name: "./a", content: Buffer.from("second!") },
  ]);
  expect(listTar(twice).map(({ path, size }) => [path, size])).toEqual([["a", 7]]);
  expect(() => listTar(smallTar([{ name: "../a", content: Buffer.alloc(1) }]))).toThrow("escapes the root");
  expect(() => listTar(twice, 10)).toThrow("more than 10 bytes");
});
