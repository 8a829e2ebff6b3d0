import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { readBlob } from "../../src/content/read-blob.ts";
import { parseManifest } from "../../src/oci/parse-manifest.ts";
import { mountAll } from "../../src/platform/mount-all.ts";
import { BuildHarness, type Built } from "./harness.ts";

setDefaultTimeout(60_000);

let harness: BuildHarness;

beforeAll(async () => {
  harness = await BuildHarness.open();
});

afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

const text = "FROM busybox\nRUN mkdir -p /app/d1 && echo base > /app/base\nCOPY files /app\n";
const old = 1_400_000_000;

/** Three hundred files in ten directories, all of one time. */
function tree(name: string): string {
  const context = harness.directory(name);
  for (let at = 0; at < 300; at += 1) write(context, `d${at % 10}/f${at}`, `file ${at}`);
  write(context, "name", name);
  for (let at = 0; at < 10; at += 1) utimesSync(join(context, "files", `d${at}`), old, old);
  utimesSync(join(context, "files"), old, old);
  return context;
}

function write(context: string, path: string, content: string, time = old): void {
  const file = join(context, "files", path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, 0o644);
  utimesSync(file, time, time);
}

function build(path: string, noCache = false): Promise<Built> {
  return harness.build({
    context: { kind: "directory", path },
    dockerfile: { text },
    noCache,
    // What is new in an image has one time, so that two builds of the same files are one image.
    sourceDateEpoch: old + 1000,
  });
}

/** The topmost snapshot of the newest COPY, and whether it changes an earlier one. */
async function isUpdate(): Promise<boolean> {
  const where = "step LIKE '%COPY files /app'";
  const sql = `SELECT snapshot FROM build_cache WHERE ${where} ORDER BY created_at DESC LIMIT 1`;
  const row = harness.state.db.get<{ snapshot: string }>(sql);
  return (await harness.snapshotter.stat(row?.snapshot ?? "")).continuesParent === true;
}

const changes: Record<string, (context: string) => void> = {
  "a file is another": (context) => write(context, "d3/f3", "another"),
  "files are added, also in new directories": (context) => {
    write(context, "d3/new", "new");
    write(context, "new/deep/er", "new");
    write(context, "top", "new");
    symlinkSync("../top", join(context, "files/d3/link"));
  },
  "files and directories are gone": (context) => {
    rmSync(join(context, "files/d3/f3"));
    rmSync(join(context, "files/d4"), { recursive: true });
  },
  "a file is older, a directory newer": (context) => {
    write(context, "d3/f3", "another");
    utimesSync(join(context, "files/d5/f5"), 5, 5);
    utimesSync(join(context, "files/d6"), old + 7, old + 7);
  },
  "a file is a link now, another has another mode": (context) => {
    rmSync(join(context, "files/d7/f7"));
    symlinkSync("f17", join(context, "files/d7/f7"));
    chmodSync(join(context, "files/d8/f8"), 0o755);
  },
  "a file moves, over another": (context) =>
    renameSync(join(context, "files/d1/f1"), join(context, "files/d9/f9")),
};

for (const [what, change] of Object.entries(changes)) {
  test(`COPY changes the layer of an earlier build, and makes the same image as copying all: ${what}`, async () => {
    const context = tree(what);
    await build(context);
    change(context);
    const updated = await build(context);
    expect(await isUpdate()).toBe(true);
    const whole = await build(context, true);
    expect(await isUpdate()).toBe(false);
    expect(updated.result.imageID).toBe(whole.result.imageID);
  });
}

test("COPY of a few changes keeps to the whole layer it began with, build after build", async () => {
  const context = tree("again");
  await build(context);
  for (const round of [1, 2, 3]) {
    write(context, "d3/f3", `round ${round}`);
    await build(context);
    expect(await isUpdate()).toBe(true);
  }
  const updated = await build(context);
  // What a push reads is the layer in both parts, and what its manifest says.
  const { manifest } = harness.images.get(updated.result.imageID);
  const layer = parseManifest(await readBlob(harness.images, manifest)).layers.at(-1);
  if (layer === undefined) throw new Error("no layers");
  expect((await readBlob(harness.images, layer)).length).toBe(layer.size);
  expect(updated.result.imageID).toBe((await build(context, true)).result.imageID);
});

const wholes: Record<string, (context: string) => void> = {
  "what the base has would show again": (context) => {
    // In the base it is a directory of its own, with nothing in it.
    rmSync(join(context, "files/d1"), { recursive: true });
  },
  "a file became a directory": (context) => {
    rmSync(join(context, "files/d2/f2"));
    write(context, "d2/f2/inside", "x");
  },
  "a directory has another mode": (context) => chmodSync(join(context, "files/d2"), 0o700),
  "there are hard links": (context) =>
    linkSync(join(context, "files/d2/f2"), join(context, "files/d2/again")),
  "most files are others": (context) => {
    for (let at = 0; at < 200; at += 1) write(context, `d${at % 10}/f${at}`, `other ${at}`);
  },
};

for (const [what, change] of Object.entries(wholes)) {
  test(`COPY copies all when ${what}`, async () => {
    const context = tree(`whole ${what}`);
    await build(context);
    change(context);
    const built = await build(context);
    expect(await isUpdate()).toBe(false);
    expect(built.result.imageID).toBe((await build(context, true)).result.imageID);
  });
}

test("a layer in two parts is seen, and stands below the next step, as one", async () => {
  const context = tree("seen");
  await build(context);
  rmSync(join(context, "files/d2"), { recursive: true });
  write(context, "d3/f3", "changed");
  const file = `${text}RUN test ! -e /app/d2 && cat /app/base /app/d3/f3 /app/d4/f4 > /all\n`;
  const { result } = await harness.build({
    context: { kind: "directory", path: context },
    dockerfile: { text: file },
  });
  const sql = "SELECT snapshot FROM build_cache WHERE step LIKE '%/all' LIMIT 1";
  const { snapshot = "" } = harness.state.db.get<{ snapshot: string }>(sql) ?? {};
  const view = await harness.snapshotter.view("seen", snapshot);
  {
    await using _mounted = mountAll(view, join(harness.root, "seen"));
    expect(readFileSync(join(harness.root, "seen/all"), "utf8")).toBe("base\nchangedfile 4");
  }
  await harness.snapshotter.remove("seen");
  expect(result.imageID).toStartWith("sha256:");
});
