import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { checkStore } from "./check-store.ts";
import { cleanStart } from "./clean-start.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { copy } from "./copy.ts";
import { buildLayer } from "./testing/build-layer.ts";
import { MemoryTarget } from "./testing/memory-target.ts";
import { randomImage } from "./testing/random-image.ts";
import { tempImageParts } from "./testing/temp-image-parts.ts";
import { validateImage } from "./testing/validate-image.ts";

type Parts = Awaited<ReturnType<typeof tempImageParts>>;

async function collect(t: Parts, inUse: readonly string[] = []) {
  return await collectGarbage({ ...t, snapshotsInUse: () => inUse });
}

async function state(t: Parts): Promise<{ blobs: number; snapshots: number; layers: number }> {
  const blobs = (await Array.fromAsync(t.content.list())).length;
  const snapshots = (await Array.fromAsync(t.snapshotter.list())).length;
  return { blobs, snapshots, layers: t.layers.list().length };
}

test("collectGarbage() keeps what images need and takes the rest when they go", async () => {
  await using t = await tempImageParts();
  const kept = await randomImage(t.content);
  const gone = await randomImage(t.content);
  for (const [image, name] of [
    [kept, "kept"],
    [gone, "gone"],
  ] as const) {
    await t.images.tag(image.descriptor, name);
    await t.unpacker.unpack(image.manifest, image.config, t.images);
  }
  expect(await collect(t)).toEqual({ blobs: [], snapshots: [], bytes: 0 });
  t.images.untag("gone");
  expect((await collect(t)).blobs).toEqual([]);
  t.images.delete(gone.id);
  const collected = await collect(t);
  expect(collected.blobs).toHaveLength(4);
  expect(collected.snapshots).toHaveLength(2);
  expect(collected.bytes).toBeGreaterThan(0);
  expect(await state(t)).toEqual({ blobs: 4, snapshots: 2, layers: 2 });
  expect(await validateImage(t.images, "kept")).toBe(4);
});

test("collectGarbage() keeps snapshots in use, with their parents and the layers' records", async () => {
  await using t = await tempImageParts();
  const image = await randomImage(t.content);
  const unpacked = await t.unpacker.unpack(image.manifest, image.config, t.images);
  await t.snapshotter.prepare("container", unpacked?.snapshot);
  await buildLayer(t, "step", { name: "a", content: "a" }, unpacked?.snapshot);
  expect((await collect(t, ["container", "step"])).snapshots).toEqual([]);
  expect((await collect(t, ["container"])).snapshots).toEqual(["step"]);
  expect(await state(t)).toEqual({ blobs: 0, snapshots: 3, layers: 2 });
  expect((await collect(t)).snapshots).toHaveLength(3);
  expect(await state(t)).toEqual({ blobs: 0, snapshots: 0, layers: 0 });
});

test("collectGarbage() leaves alone what a lease holds", async () => {
  await using t = await tempImageParts();
  const src = new MemoryTarget();
  const image = await randomImage(src.content);
  const lease = t.leases.create("pull");
  await copy(src, image.descriptor, t.images.leased(lease), undefined);
  await t.unpacker.unpack(image.manifest, image.config, t.images, { lease });
  expect(await collect(t)).toEqual({ blobs: [], snapshots: [], bytes: 0 });
  lease[Symbol.dispose]();
  expect((await collect(t)).blobs).toHaveLength(4);
  expect(await state(t)).toEqual({ blobs: 0, snapshots: 0, layers: 0 });
});

test("collectGarbage() beside pulls of the same image never breaks it", async () => {
  await using t = await tempImageParts();
  const src = new MemoryTarget();
  const image = await randomImage(src.content, { layers: 4 });
  for (let round = 0; round < 5; round += 1) {
    const pull = (async () => {
      using lease = t.leases.create("pull");
      await copy(src, image.descriptor, t.images.leased(lease), "app");
      await t.unpacker.unpack(image.manifest, image.config, t.images, { lease });
    })();
    await Promise.all([pull, collect(t), collect(t)]);
    expect(await validateImage(t.images, "app")).toBe(6);
    expect(await Array.fromAsync(checkStore(t))).toEqual([]);
    t.images.delete(image.id);
  }
});

test("cleanStart() forgets leases and keeps only downloads to be resumed", async () => {
  await using t = await tempImageParts();
  t.leases.create("pull").add("blob/x");
  for (const ref of ["blob/young", "push/half"]) {
    await using writer = await t.content.ingest(ref);
    await writer.write(Buffer.from("half"));
  }
  await cleanStart(t, new Date());
  expect(t.leases.held("blob")).toEqual([]);
  expect(await readdir(join(t.root, "content/ingest"))).toHaveLength(1);
  await cleanStart(t, new Date(Date.now() + 2 * 24 * 60 * 60 * 1000));
  expect(await readdir(join(t.root, "content/ingest"))).toEqual([]);
});

test("collectGarbage() forgets layers whose snapshot is lost", async () => {
  await using t = await tempImageParts();
  const image = await randomImage(t.content, { layers: 1 });
  const unpacked = await t.unpacker.unpack(image.manifest, image.config, t.images);
  await t.images.tag(image.descriptor, "app");
  await t.snapshotter.remove(unpacked?.snapshot ?? "");
  await collect(t);
  expect(t.layers.list()).toEqual([]);
  expect(await t.unpacker.unpack(image.manifest, image.config, t.images)).toEqual(unpacked as never);
});

test("checkStore() names what is corrupted or missing", async () => {
  await using t = await tempImageParts();
  const image = await randomImage(t.content, { layers: 1 });
  await t.images.tag(image.descriptor, "app");
  const unpacked = await t.unpacker.unpack(image.manifest, image.config, t.images);
  expect(await Array.fromAsync(checkStore(t))).toEqual([]);
  const digest = image.manifest.layers[0]?.digest ?? image.id;
  const path = join(t.root, "content/blobs", digest.replace(":", "/"));
  const bytes = new Uint8Array(await Bun.file(path).arrayBuffer());
  await Bun.write(path, bytes.fill(1, 20, 30));
  await t.content.delete(image.id);
  await t.snapshotter.remove(unpacked?.snapshot ?? "");
  const problems = (await Array.fromAsync(checkStore(t))).map(({ what }) => what);
  expect(problems).toHaveLength(3);
  expect(problems[0]).toContain(digest);
  expect(problems[1]).toContain(unpacked?.chainID ?? "?");
  expect(problems[2]).toContain(image.id.slice(7, 19));
});
