import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  createReadStream,
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
import { MemoryContentStore } from "../content/memory-content-store.ts";
import { smallTar } from "../image/testing/small-tar.ts";
import { OverlayDiffer } from "../layer/overlay-differ.ts";
import { unpackTar, unpackTarStream } from "./unpack-tar.ts";

test("unpackTar() takes an archive for what it is, no layer: names that begin with .wh. are names", async () => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-unpack-tar-"));
  await using differ = new OverlayDiffer({ store: new MemoryContentStore() });
  try {
    const names = [".wh.gone", ".wh..wh..opq", ".wh..wh.plnk", "kept"];
    const archive = smallTar(names.map((name) => ({ name, content: Buffer.from(name) })));
    writeFileSync(join(directory, "archive.tar"), archive);
    const into = join(directory, "into");
    mkdirSync(into);
    await unpackTar(differ, join(directory, "archive.tar"), into, {});
    expect(readdirSync(into).sort()).toEqual(names.toSorted());
    expect(readFileSync(join(into, ".wh.gone"), "utf8")).toBe(".wh.gone");
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("unpackTarStream() unpacks what arrives in pieces, whatever packed it, and leaves no file beside", async () => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-unpack-"));
  await using differ = new OverlayDiffer({ store: new MemoryContentStore() });
  try {
    writeFileSync(join(directory, "hello"), "hello");
    const flags = { tar: "", "tar.gz": "-z", "tar.bz2": "-j", "tar.xz": "-J" };
    for (const [kind, flag] of Object.entries(flags)) {
      const packed = join(directory, `a.${kind}`);
      spawnSync("tar", ["-C", directory, "-cf", packed, ...(flag === "" ? [] : [flag]), "hello"]);
      const into = join(directory, `into-${kind}`);
      mkdirSync(into);
      await unpackTarStream(differ, createReadStream(packed, { highWaterMark: 100 }), into, {});
      expect(readFileSync(join(into, "hello"), "utf8")).toBe("hello");
      expect(existsSync(`${into}.tar`)).toBe(false);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
