import { expect, test } from "bun:test";
import { collectAll } from "../../content/collect.ts";
import { readBlob } from "../../content/read-blob.ts";
import { once } from "../../content/write-blob.ts";
import { errorCode } from "../../errors.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { randomImage } from "../testing/random-image.ts";
import { tempImageParts } from "../testing/temp-image-parts.ts";
import { openImageStore } from "../testing/open-image-store.ts";
import { readImage } from "../read-image.ts";
import { EarlyLayers } from "./early-layers.ts";
import { loadArchive } from "./load-archive.ts";
import { saveArchive } from "./save-archive.ts";

type Parts = Awaited<ReturnType<typeof tempImageParts>>;
const keys = async (t: Parts) => (await Array.fromAsync(t.snapshotter.list())).map(({ key }) => key);

async function archiveOf(compression: "none" | "gzip") {
  using from = openImageStore();
  const image = await randomImage(from.content, { layers: 2, size: 300_000, compression });
  const saved = saveArchive(from.images, [{ descriptor: image.descriptor, references: ["a:1"] }]);
  return { ...image, bytes: await collectAll(saved, 10_000_000) };
}

/** Loads in pieces; `onPiece` is called before each. */
async function load(t: Parts, bytes: Uint8Array, onPiece: () => Promise<void> = async () => {}) {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 50_000) {
      await onPiece();
      yield bytes.subarray(at, at + 50_000);
    }
  }
  using lease = t.leases.create("test");
  const unpacking: string[] = [];
  await using early = new EarlyLayers(t, lease, { from: 1000 });
  const prepare = async (image: Descriptor): Promise<void> => {
    const { manifest, config } = await readImage(t.content, image);
    const onProgress = ({ state }: { state: string }) => void unpacking.push(state);
    await t.unpacker.unpack(manifest, config, t.images, { lease, ahead: early, onProgress });
  };
  await loadArchive(pieces(), t, { blobs: early, prepare });
  return unpacking;
}

for (const compression of ["none", "gzip"] as const) {
  test(`EarlyLayers unpacks layers (${compression}) while the archive comes, and the image takes them`, async () => {
    await using t = await tempImageParts();
    const { bytes, id } = await archiveOf(compression);
    let most = 0;
    const states = await load(t, bytes, async () => void (most = Math.max(most, (await keys(t)).length)));
    expect(states).toEqual(["done", "done"]);
    expect(most).toBeGreaterThan(0);
    expect((await keys(t)).length).toBe(2);
    expect((await keys(t)).some((key) => key.startsWith("unpack-"))).toBe(false);
    expect(t.images.records.get(id)).toBeDefined();
    expect(await load(t, bytes)).toEqual(["exists", "exists"]);
  });
}

test("EarlyLayers leaves nothing of an archive that breaks, nor of one whose layers nobody needs", async () => {
  await using t = await tempImageParts();
  const { bytes } = await archiveOf("none");
  const broken = await load(t, bytes.subarray(0, 500_000)).catch((error: unknown) => error);
  expect(errorCode(broken)).toBe("invalid_argument");
  expect(await keys(t)).toEqual([]);
  const { manifest } = await randomImage(t.content, { size: 100_000, compression: "none" });
  const [layer] = manifest.layers;
  if (layer === undefined) throw new Error("no layer");
  const content = await readBlob(t.content, layer);
  await t.content.delete(layer.digest);
  using lease = t.leases.create("test");
  await using early = new EarlyLayers(t, lease, { from: 1000 });
  await early.receive({ ...layer, mediaType: mediaTypes.ociLayer }, once(content));
  await early[Symbol.asyncDispose]();
  expect(await keys(t)).toEqual([]);
});

test("EarlyLayers refuses a blob that is not what its name says", async () => {
  await using t = await tempImageParts();
  const { bytes, manifest } = await archiveOf("none");
  const wrong = Buffer.from(bytes);
  const at = wrong.indexOf(`blobs/sha256/${manifest.layers[0]?.digest.slice(7)}`) + 512;
  wrong.fill(9, at + 100_000, at + 100_100);
  const error = await load(t, wrong).catch((reason: unknown) => reason);
  expect([errorCode(error), String(error)]).toEqual([
    "data_loss",
    expect.stringContaining("does not match its name"),
  ]);
  expect(await keys(t)).toEqual([]);
  expect(await load(t, bytes)).toContain("done");
});
