import { afterAll, beforeAll, expect, test } from "bun:test";
import { isCode } from "../../src/errors.ts";
import type { ImageDiff, ImageLayers } from "../../src/engine/types/image-layers.ts";
import { LocalRegistry } from "../registry/local-registry.ts";
import { busyboxBase, Lab } from "./lab.ts";

let lab: Lab;
let registry: LocalRegistry;
beforeAll(async () => {
  [lab, registry] = [await Lab.open(), await LocalRegistry.open()];
  await lab.build("before", `${busyboxBase}COPY a /data/a\nCOPY b /data/b\nENV COLOUR=red OLD=1\n`, {
    a: 1000,
    b: 2000,
  });
  const after = `${busyboxBase}COPY a /data/a
COPY b /data/b
RUN rm /data/b && echo new > /data/c && chmod 600 /data/a && chown 7:8 /data
RUN ln -s c /data/link && rm /data/c
ENV COLOUR=blue
CMD ["/bin/sh"]
`;
  await lab.build("after", after, { a: 1000, b: 2000 });
}, 120_000);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
}, 60_000);

test("image layers tells of each layer its instruction, size, files and what is wasted", async () => {
  const image = await lab.json<ImageLayers>("image", "layers", "--json", "after");
  const brief = image.Layers.map(({ CreatedBy, Size, Files, Deletes, Wasted }) => ({
    by: CreatedBy.split(" ").slice(0, 3).join(" "),
    Size,
    Files,
    Deletes,
    Wasted,
  }));
  expect(brief.slice(2)).toEqual([
    { by: "COPY a /data/a", Size: 1000, Files: 1, Deletes: 0, Wasted: 1000 },
    { by: "COPY b /data/b", Size: 2000, Files: 1, Deletes: 0, Wasted: 2000 },
    { by: "RUN /bin/sh -c", Size: 1004, Files: 2, Deletes: 1, Wasted: 4 },
    { by: "RUN /bin/sh -c", Size: 0, Files: 1, Deletes: 1, Wasted: 0 },
  ]);
  expect(image.Wasted).toBe(3004);
  expect(image.Size).toBe((await lab.engine.images.inspect("after")).Size);
  expect(image.WastedFiles).toEqual([
    { Path: "data/b", Size: 2000, Layer: 4, HiddenBy: 5 },
    { Path: "data/a", Size: 1000, Layer: 3, HiddenBy: 5 },
    { Path: "data/c", Size: 4, Layer: 5, HiddenBy: 6 },
  ]);
  const table = await lab.ok("image", "layers", "--wasted", "after");
  expect(table).toMatch(/^LAYER +SIZE +FILES +WASTED +DIFF ID +CREATED BY\n/);
  expect(table).toMatch(/\n5 +1kB +2 -1 +4B +[0-9a-f]{12} +RUN rm \/data\/b/);
  expect(table).toMatch(/\n2kB +4 +5 +\/data\/b\n/);
});

test("StoreService.files() tells what each layer does to each file", async () => {
  const { Layers } = await lab.engine.store.files("after");
  const brief = Layers.map(({ Files }) => Files.map(({ Change, Path, Size }) => `${Change} ${Path} ${Size}`));
  expect(brief.slice(2).map((files) => files.toSorted())).toEqual([
    ["added data 0", "added data/a 1000"],
    ["added data/b 2000"],
    ["added data/c 4", "changed data 0", "changed data/a 1000", "removed data/b 2000"],
    ["added data/link 0", "removed data/c 4"],
  ]);
  expect(Layers[5]?.Files.find(({ Path }) => Path === "data/link")).toMatchObject({
    Kind: "symlink",
    Target: "c",
  });
});

function checkDiff(diff: ImageDiff): void {
  expect(diff.SharedLayers).toBe(4);
  const files = diff.Files.map(({ Path, Change, Aspects, Line }) =>
    [Path, Change, Aspects.join("+"), `${Line.Image}${Line.Layer}`].join(" "),
  );
  expect(files).toEqual([
    "data changed owner B5",
    "data/a changed mode B5",
    "data/b removed  B5",
    "data/link added  B6",
  ]);
  expect(diff.Removed).toEqual({ Files: 1, Bytes: 2000 });
  expect(diff.Config.map(({ Field, A, B }) => [Field, A, B])).toEqual([
    ["Cmd", null, '["/bin/sh"]'],
    ["Env COLOUR", "red", "blue"],
    ["Env OLD", "1", null],
  ]);
  expect(diff.Config.map(({ CreatedBy }) => CreatedBy.split(" ")[0])).toEqual(["CMD", "ENV", "ENV"]);
  expect(diff.Lines.map(({ Layer, Added, Changed, Removed }) => [Layer, Added, Changed, Removed])).toEqual([
    [5, 0, 2, 1],
    [6, 1, 0, 0],
  ]);
}

test("image diff tells files and settings that differ, with the lines that did it", async () => {
  checkDiff(await lab.json<ImageDiff>("image", "diff", "--json", "before", "after"));
  const text = await lab.ok("image", "diff", "before", "after");
  expect(text).toContain("Files: 1 added (0B), 1 changed (1kB), 1 removed (2kB)");
  expect(text).toMatch(/\nEnv COLOUR +red +blue\n/);
  expect(text).toMatch(/\nB5 +\+0 ~2 -1 +1kB +-2kB +RUN rm \/data\/b/);
  expect(text).toMatch(/\nC +B5 +\/data\/a \(mode\)\n/);
});

test("image diff finds nothing between an image and its like of another build, whose times differ", async () => {
  await lab.ok("builder", "prune", "-af");
  await lab.build("again", `${busyboxBase}COPY a /data/a\nCOPY b /data/b\nENV COLOUR=red OLD=1\n`, {
    a: 1000,
    b: 2000,
  });
  const diff = await lab.engine.store.diff("before", "again");
  expect([diff.Files, diff.Config, diff.Lines]).toEqual([[], [], []]);
});

test("image diff blames the other image for what this one never had", async () => {
  await lab.build("lonely", "FROM scratch\nCOPY x /x\n", { x: "other" });
  await lab.build("single", "FROM scratch\nCOPY x /x\nCOPY y /y\n", { x: "content", y: "gone" });
  const diff = await lab.engine.store.diff("single", "lonely");
  expect(diff.Files.map(({ Path, Change, Line }) => [Path, Change, Line.Image, Line.Layer])).toEqual([
    ["x", "changed", "B", 1],
    ["y", "removed", "A", 2],
  ]);
});

test("image diff reads of a remote image only the layers that are not here, and keeps nothing", async () => {
  const remote = `${registry.host}/team/after:1`;
  await lab.ok("tag", "after", remote);
  await lab.ok("push", "-q", remote);
  const manifest = await lab.engine.store.layers("after");
  await lab.ok("rmi", remote, "after");
  const blobs = async () => (await lab.engine.system.check()).checked.blobs;
  const before = await blobs();
  registry.requests.length = 0;
  checkDiff(await lab.json<ImageDiff>("image", "diff", "--json", "before", `docker://${remote}`));
  const fetched = registry.asked("GET").filter((path) => path.includes("/blobs/"));
  expect(fetched).toHaveLength(3);
  expect(await blobs()).toBe(before);
  const layers = await lab.engine.store.layers(remote);
  expect(layers.Layers.map(({ Size, Wasted }) => [Size, Wasted])).toEqual(
    manifest.Layers.map(({ Size, Wasted }) => [Size, Wasted]),
  );
}, 30_000);

test("image layers of a name that is nowhere is not found", async () => {
  const error = await lab.engine.store.layers(`${registry.host}/none:1`).catch((thrown: unknown) => thrown);
  expect(isCode(error, "not_found")).toBe(true);
  expect((await lab.slipway("image", "layers", "0".repeat(64))).stderr).toContain("No such image");
});
