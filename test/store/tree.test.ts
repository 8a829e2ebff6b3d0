import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import type { ImageTree } from "../../src/engine/types/image-layers.ts";
import { saveArchive } from "../../src/image/archive/save-archive.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage, writeIndex } from "../../src/image/testing/random-image.ts";
import { hostPlatform, parsePlatform } from "../../src/oci/platform.ts";
import { Lab } from "./lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
}, 60_000);
afterAll(async () => await lab[Symbol.asyncDispose](), 60_000);

test("images --tree shows each image with its platform, its sizes and the containers that use it", async () => {
  await lab.build("app:1", 'FROM scratch\nCOPY a /a\nCMD ["/a"]\n', { a: 50_000 });
  await lab.ok("tag", "app:1", "app:2");
  await lab.ok("create", "--name", "user", "app:1");
  const [tree] = await lab.json<ImageTree[]>("images", "--tree", "--format", "json");
  expect(tree?.Names).toEqual(["app:1", "app:2"]);
  expect(tree?.Containers).toEqual(["user"]);
  expect(tree?.Platforms.map(({ Platform, Available }) => [Platform, Available])).toEqual([
    ["linux/amd64", true],
  ]);
  expect(tree?.DiskUsage).toBeGreaterThan(50_000);
  expect(tree?.ContentSize).toBeLessThan(2000);
  const text = await lab.ok("images", "--tree");
  expect(text).toMatch(
    /^ *Info → {3}U {2}In Use\n\nIMAGE +ID +DISK USAGE {3}CONTENT SIZE {3}EXTRA\napp:1\napp:2 +[0-9a-f]{12} .* U\n└─ linux\/amd64 /,
  );
});

test("images --tree shows every platform of an index", async () => {
  const source = new MemoryTarget();
  const platforms = [hostPlatform(), parsePlatform("linux/s390x")];
  const images = [];
  for (const platform of platforms)
    images.push({ image: await randomImage(source.content, { platform }), platform });
  const descriptor = await writeIndex(source.content, images);
  const archive = saveArchive(source, [{ descriptor, references: ["docker.io/library/multi:1"] }]);
  await writeFile(lab.path("multi.tar"), archive);
  await lab.ok("load", "-i", lab.path("multi.tar"));
  const trees = await lab.json<ImageTree[]>("images", "--tree", "--format", "json", "multi");
  expect(trees).toHaveLength(1);
  expect(trees[0]?.Platforms.map(({ Platform, Available }) => [Platform, Available])).toEqual([
    ["linux/amd64", true],
    ["linux/s390x", true],
  ]);
  expect(await lab.ok("images", "--tree", "multi")).toMatch(/\n├─ linux\/amd64 .*\n└─ linux\/s390x /);
});
