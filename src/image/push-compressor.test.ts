import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { errorCode } from "../errors.ts";
import { chainID, type DiffID } from "../oci/digest.ts";
import { mediaTypes } from "../oci/media-types.ts";
import { copy } from "./copy.ts";
import { readImage } from "./read-image.ts";
import { buildLayer } from "./testing/build-layer.ts";
import { MemoryTarget } from "./testing/memory-target.ts";
import { randomImage, writeImage, type RandomImage } from "./testing/random-image.ts";
import { tempImageParts } from "./testing/temp-image-parts.ts";
import { validateImage } from "./testing/validate-image.ts";

type Parts = Awaited<ReturnType<typeof tempImageParts>>;

/** A pulled base with one layer, and two built layers on it that are snapshots only. */
async function built(t: Parts): Promise<{ image: RandomImage; base: RandomImage }> {
  const base = await randomImage(t.content, { layers: 1 });
  const unpacked = await t.unpacker.unpack(base.manifest, base.config, t.images);
  const one = await buildLayer(
    t,
    "step-1",
    { name: "one", content: randomBytes(1_200_000).toString("hex") },
    unpacked?.snapshot,
  );
  const two = await buildLayer(t, "step-2", { name: "two", content: "2" }, "step-1");
  const diffIDs = [...base.config.rootfs.diff_ids, one.diffID, two.diffID] as DiffID[];
  for (const [at, step] of [one, two].entries()) {
    const chain = chainID(diffIDs.slice(0, at + 2));
    if (chain !== undefined) {
      t.layers.add({ chainID: chain, diffID: step.diffID, snapshot: `step-${at + 1}`, size: 1 });
    }
  }
  const config = { ...base.config, rootfs: { type: "layers" as const, diff_ids: diffIDs } };
  const image = await writeImage(t.content, config, [...base.manifest.layers, one.layer, two.layer]);
  await t.images.tag(image.descriptor, "app");
  return { image, base };
}

test("ImageStore reads a built image whose layers are snapshots", async () => {
  await using t = await tempImageParts();
  await built(t);
  expect(await validateImage(t.images, "app")).toBe(5);
});

test("PushCompressor.forPush() compresses what is not, once, and keeps the image ID", async () => {
  await using t = await tempImageParts();
  const { image, base } = await built(t);
  const compressed: string[] = [];
  const onProgress = (p: { state: string; diffID: string }): void =>
    void compressed.push(`${p.state} ${p.diffID}`);
  const [desc, twin] = await Promise.all([
    t.compressor.forPush(image.descriptor, { onProgress }),
    t.compressor.forPush(image.descriptor),
  ]);
  expect(twin).toEqual(desc);
  expect(compressed.length).toBeLessThanOrEqual(4);
  compressed.length = 0;
  expect(await t.compressor.forPush(image.descriptor, { onProgress })).toEqual(desc);
  expect(compressed).toEqual([]);
  const registry = new MemoryTarget();
  await copy(t.images, desc, registry, "v1");
  expect(await validateImage(registry, "v1")).toBe(5);
  const infos = await Array.fromAsync(registry.content.list());
  const pushed = infos.map((info) => String(info.digest));
  expect(pushed).toContain(image.id);
  expect(pushed).toContain(String(base.manifest.layers[0]?.digest));
  const tars = (await Array.fromAsync(t.content.list())).filter((info) => info.size > 2_400_000);
  expect(tars).toEqual([]);
});

test("PushCompressor.forPush() gives an image that unpacks elsewhere to the same ChainID", async () => {
  await using t = await tempImageParts();
  const { image } = await built(t);
  await using other = await tempImageParts();
  for (const compression of ["gzip", "zstd"] as const) {
    const desc = await t.compressor.forPush(image.descriptor, { compression });
    const copied = await copy(t.images, desc, other.images, `app:${compression}`);
    expect(other.images.get(`app:${compression}`).id).toBe(image.id);
    expect(copied).toEqual(desc);
    expect(await validateImage(other.images, desc)).toBe(5);
  }
  const pulled = await readImage(other.content, other.images.get("app:zstd").manifest);
  const unpacked = await other.unpacker.unpack(pulled.manifest, pulled.config, other.images);
  expect(unpacked?.chainID).toBe(chainID(image.config.rootfs.diff_ids as DiffID[]) as never);
});

test("PushCompressor.forPush() compresses a layer that is an uncompressed blob, and leaves a compressed image alone", async () => {
  await using t = await tempImageParts();
  const plain = await randomImage(t.content, { compression: "none", size: 2_000_000 });
  const desc = await t.compressor.forPush(plain.descriptor, { compression: "zstd" });
  expect(desc.digest).not.toBe(plain.descriptor.digest);
  expect(await validateImage(t.images, desc)).toBe(4);
  const gzipped = await randomImage(t.content);
  expect(await t.compressor.forPush(gzipped.descriptor)).toEqual(gzipped.descriptor);
  expect(desc.mediaType).toBe(mediaTypes.ociManifest);
});

test("PushCompressor.forPush() stops when its signal aborts, and another caller goes on", async () => {
  await using t = await tempImageParts();
  const { image } = await built(t);
  const abort = new AbortController();
  let other: ReturnType<typeof t.compressor.forPush> | undefined;
  const onProgress = (): void => {
    other = t.compressor.forPush(image.descriptor);
    abort.abort();
  };
  const stopped = t.compressor.forPush(image.descriptor, { signal: abort.signal, onProgress });
  expect(await stopped.then(String, errorCode)).toBe("cancelled");
  expect(await validateImage(t.images, (await other) ?? "none")).toBe(5);
  const left = (await Array.fromAsync(t.snapshotter.list())).filter((info) => info.kind !== "committed");
  expect(left).toEqual([]);
});

test("PushCompressor.forPush() holds what it makes before a collector can see it", async () => {
  await using t = await tempImageParts();
  const { image } = await built(t);
  using lease = t.leases.create("push");
  const known = new Set((await Array.fromAsync(t.content.list())).map(({ digest }) => digest));
  const unheld: string[] = [];
  const work = { isOver: false };
  const watching = (async () => {
    for (; !work.isOver; await Bun.sleep(0))
      for await (const { digest } of t.content.list())
        if (!known.has(digest) && !t.leases.isHeld(`blob/${digest}`)) unheld.push(digest);
  })();
  await t.compressor.forPush(image.descriptor, { lease });
  work.isOver = true;
  await watching;
  expect(unheld).toEqual([]);
});
