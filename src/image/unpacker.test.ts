import { expect, test } from "bun:test";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../errors.ts";
import type { Mount } from "../oci/mount.ts";
import { chainID, digestOf, parseDiffID } from "../oci/digest.ts";
import { randomImage, writeImage, type RandomImage } from "./testing/random-image.ts";
import { tempImageParts } from "./testing/temp-image-parts.ts";

type Parts = Awaited<ReturnType<typeof tempImageParts>>;

async function unpack(
  t: Parts,
  image: RandomImage,
  options: Parameters<Parts["unpacker"]["unpack"]>[3] = {},
) {
  return await t.unpacker.unpack(image.manifest, image.config, t.images, options);
}

async function snapshots(t: Parts): Promise<string[]> {
  return (await Array.fromAsync(t.snapshotter.list())).map((info) => info.key).sort();
}

async function failure(work: Promise<unknown>): Promise<Error> {
  return await work.then(
    () => new Error("no error"),
    (error: unknown) => error as Error,
  );
}

function lowerDirectories(mounts: readonly Mount[]): string[] {
  const lower = mounts[0]?.options.find((option) => option.startsWith("lowerdir="));
  return lower === undefined ? [mounts[0]?.source ?? ""] : lower.slice("lowerdir=".length).split(":");
}

test("Unpacker.unpack() gives a stack of snapshots with the layers' files, and records them", async () => {
  await using t = await tempImageParts();
  const image = await randomImage(t.content, { layers: 3, size: 10_000 });
  const unpacked = await unpack(t, image);
  const diffIDs = image.config.rootfs.diff_ids.map(parseDiffID);
  expect(unpacked?.chainID).toBe(chainID(diffIDs));
  expect(await snapshots(t)).toHaveLength(3);
  const lower = lowerDirectories(await t.snapshotter.view("look", unpacked?.snapshot ?? ""));
  for (const [at, directory] of lower.entries()) {
    expect((await readFile(join(directory, `layer-${2 - at}`))).length).toBe(10_000);
  }
  const top = unpacked === undefined ? undefined : t.layers.get(unpacked.chainID);
  expect(top?.size).toBeGreaterThanOrEqual(10_000);
  expect(top?.parent).toBe(chainID(diffIDs.slice(0, 2)));
  const [first] = diffIDs;
  if (first !== undefined) expect(t.compressed.blobsOf(first)).toHaveLength(1);
  expect(t.leases.held("snapshot")).toEqual([]);
});

test("Unpacker.unpack() is idempotent, and does the work once for two at a time", async () => {
  await using t = await tempImageParts();
  const image = await randomImage(t.content, { layers: 3 });
  const states: string[] = [];
  const watch = { onProgress: (progress: { state: string }) => void states.push(progress.state) };
  const both = await Promise.all([unpack(t, image, watch), unpack(t, image, watch)]);
  expect(both[0]).toEqual(both[1] as (typeof both)[0]);
  expect(states.filter((state) => state === "unpacking")).toHaveLength(3);
  states.length = 0;
  expect(await unpack(t, image, watch)).toEqual(both[0] as (typeof both)[0]);
  expect(states).toEqual(["exists", "exists", "exists"]);
  expect(await snapshots(t)).toHaveLength(3);
});

test("Unpacker.unpack() shares layers between images, and knows an image without layers", async () => {
  await using t = await tempImageParts();
  const image = await randomImage(t.content, { layers: 2 });
  await unpack(t, image);
  const more = await randomImage(t.content, { layers: 1 });
  const rootfs = {
    type: "layers" as const,
    diff_ids: [...image.config.rootfs.diff_ids, ...more.config.rootfs.diff_ids],
  };
  const config = { ...image.config, rootfs };
  const taller = await writeImage(t.content, config, [...image.manifest.layers, ...more.manifest.layers]);
  await unpack(t, taller);
  expect(await snapshots(t)).toHaveLength(3);
  const none = await randomImage(t.content, { layers: 0 });
  expect(await unpack(t, none)).toBeUndefined();
});

test("Unpacker.unpack() names the layer with another diffID and leaves nothing of it", async () => {
  await using t = await tempImageParts();
  const image = await randomImage(t.content, { layers: 3 });
  const [bottom, , top] = image.config.rootfs.diff_ids;
  const rootfs = { type: "layers" as const, diff_ids: [bottom ?? "", digestOf("other"), top ?? ""] };
  const wrong = await writeImage(t.content, { ...image.config, rootfs }, image.manifest.layers);
  const error = await failure(unpack(t, wrong));
  expect(errorCode(error)).toBe("data_loss");
  expect(error.message).toContain(wrong.manifest.layers[1]?.digest ?? "");
  expect(await snapshots(t)).toEqual(await recorded(t));
  expect(t.leases.held("snapshot")).toEqual([]);
  await unpack(t, image);
  expect(await snapshots(t)).toHaveLength(3);
});

test("Unpacker.unpack() names the layer that is corrupted", async () => {
  await using t = await tempImageParts();
  const image = await randomImage(t.content, { layers: 2, size: 100_000 });
  const other = await randomImage(t.content, { layers: 1, size: 100_000 });
  const [layer] = image.manifest.layers;
  const [blob] = other.manifest.layers;
  if (layer === undefined || blob === undefined) throw new Error("no layers");
  const path = (digest: string): string => join(t.root, "content/blobs", digest.replace(":", "/"));
  await Bun.write(path(layer.digest), (await readFile(path(blob.digest))).subarray(0, layer.size));
  const error = await failure(unpack(t, image));
  expect(errorCode(error)).toBe("data_loss");
  expect(error.message).toContain(layer.digest);
  expect(await snapshots(t)).toEqual([]);
});

test("Unpacker.unpack() stops when its signal aborts and leaves nothing half made", async () => {
  await using t = await tempImageParts();
  const image = await randomImage(t.content, { layers: 3, size: 500_000 });
  const abort = new AbortController();
  const onProgress = (): void => abort.abort();
  const error = await failure(unpack(t, image, { signal: abort.signal, onProgress }));
  expect(errorCode(error)).toBe("cancelled");
  expect(await snapshots(t)).toEqual(await recorded(t));
});

test("Unpacker.unpack() takes over a snapshot that a crash left without its record", async () => {
  await using t = await tempImageParts();
  const image = await randomImage(t.content, { layers: 1 });
  const unpacked = await unpack(t, image);
  t.layers.deleteBySnapshot(unpacked?.snapshot ?? "");
  expect(await unpack(t, image)).toEqual(unpacked as typeof unpacked);
  expect(await snapshots(t)).toEqual(await recorded(t));
  expect((await stat(t.root)).isDirectory()).toBe(true);
});

async function recorded(t: Parts): Promise<string[]> {
  return t.layers
    .list()
    .map((layer) => layer.snapshot)
    .sort();
}
