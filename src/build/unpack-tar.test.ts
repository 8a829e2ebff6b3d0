import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryContentStore } from "../content/memory-content-store.ts";
import { smallTar } from "../image/testing/small-tar.ts";
import { OverlayDiffer } from "../layer/overlay-differ.ts";
import { unpackTar } from "./unpack-tar.ts";

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
