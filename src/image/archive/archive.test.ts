import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { collectAll } from "../../content/collect.ts";
import { once } from "../../content/write-blob.ts";
import { errorCode } from "../../errors.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { hostPlatform } from "../../oci/platform.ts";
import { openImageStore } from "../testing/open-image-store.ts";
import { randomImage, writeIndex } from "../testing/random-image.ts";
import { smallTar } from "../testing/small-tar.ts";
import { validateImage } from "../testing/validate-image.ts";
import { loadArchive, type LoadedImage } from "./load-archive.ts";
import { saveArchive } from "./save-archive.ts";

const data = join(import.meta.dir, "../../../test/data/image-tars");

async function* inPieces(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

async function saved(
  t: ReturnType<typeof openImageStore>,
  images: Parameters<typeof saveArchive>[1],
): Promise<Uint8Array> {
  return await collectAll(saveArchive(t.images, images), 10_000_000);
}

async function failure(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  return await work.then(
    () => ({ code: "no error", message: "" }),
    (error: Error) => ({ code: errorCode(error), message: error.message }),
  );
}

async function load(bytes: Uint8Array) {
  const t = openImageStore();
  return { t, loaded: await loadArchive(inPieces(bytes, 10_000), t) };
}

test("loadArchive() of what saveArchive() wrote gives the same images, whatever it is compressed with", async () => {
  using from = openImageStore();
  const one = await randomImage(from.content, { size: 300_000 });
  const two = await randomImage(from.content, { compression: "none" });
  const archive = await saved(from, [
    { descriptor: one.descriptor, references: ["docker.io/library/one:1", "localhost:5000/one:latest"] },
    { descriptor: two.descriptor, references: [] },
  ]);
  for (const bytes of [archive, gzipSync(archive), zstdCompressSync(archive)]) {
    using to = openImageStore();
    const loaded: LoadedImage[] = await loadArchive(inPieces(bytes, 70_000), to);
    expect(loaded).toEqual([
      { id: one.id, references: ["docker.io/library/one:1", "localhost:5000/one:latest"] },
      { id: two.id, references: [] },
    ]);
    expect((await to.images.resolve("one:1")).digest).toBe(one.descriptor.digest);
    expect(await validateImage(to.images, "localhost:5000/one")).toBe(4);
    expect(await validateImage(to.images, two.id)).toBe(4);
    expect(to.leases.held("blob")).toEqual([]);
  }
});

test("loadArchive() reads what xz and bzip2 have packed, and refuses what is cut off", async () => {
  using from = openImageStore();
  const { descriptor, id } = await randomImage(from.content, { size: 50_000 });
  const archive = await saved(from, [{ descriptor, references: [] }]);
  for (const program of ["xz", "bzip2"]) {
    const packed = new Uint8Array(Bun.spawnSync([program, "-c"], { stdin: archive }).stdout);
    const { t, loaded } = await load(packed);
    expect(loaded).toEqual([{ id, references: [] }]);
    t[Symbol.dispose]();
    const { code, message } = await failure(load(packed.subarray(0, packed.length >> 1)));
    expect([code, message]).toEqual(["invalid_argument", expect.stringContaining(`the ${program} archive`)]);
  }
});

test("loadArchive() reads the packed directory that skopeo and Podman write", async () => {
  using from = openImageStore();
  const { descriptor, id, manifest } = await randomImage(from.content, { size: 5000 });
  const read = async (desc: Descriptor) => await collectAll(await from.content.fetch(desc), 1e6);
  const blobs = await Promise.all(
    [manifest.config, ...manifest.layers].map(async (desc) => ({
      name: desc.digest.slice(7),
      content: await read(desc),
    })),
  );
  const version = { name: "version", content: Buffer.from("Directory Transport Version: 1.1\n") };
  const own = { name: "./manifest.json", content: await read(descriptor) };
  const { t, loaded } = await load(smallTar([own, version, ...blobs]));
  expect(loaded).toEqual([{ id, references: [] }]);
  expect(t.images.records.list()[0]?.manifest.digest).toBe(descriptor.digest);
  const odd = smallTar([{ name: "manifest.json", content: Buffer.from(`{"mediaType":"text/html"}`) }]);
  expect((await failure(load(odd))).message).toContain('of unknown type "text/html"');
});

test("saveArchive() gives the same bytes again, and layers that images share once", async () => {
  using t = openImageStore();
  const image = await randomImage(t.content, { size: 500_000 });
  const twice = { descriptor: image.descriptor, references: ["a:1"] };
  const archive = await saved(t, [twice]);
  expect(Buffer.compare(archive, await saved(t, [twice]))).toBe(0);
  const again = await saved(t, [twice, { descriptor: image.descriptor, references: ["b:1"] }]);
  expect(again.length).toBeLessThan(archive.length + 5000);
});

test("saveArchive() writes Docker's manifest.json beside the OCI layout", async () => {
  using t = openImageStore();
  const { descriptor, manifest } = await randomImage(t.content, { layers: 1 });
  const text = Buffer.from(await saved(t, [{ descriptor, references: ["docker.io/library/a:1"] }])).toString(
    "latin1",
  );
  const path = (digest: string): string => `blobs/${digest.replace(":", "/")}`;
  const item = {
    Config: path(manifest.config.digest),
    RepoTags: ["a:1"],
    Layers: manifest.layers.map((layer) => path(layer.digest)),
  };
  expect(text).toContain(JSON.stringify([item]));
  expect(text).toContain('{"imageLayoutVersion":"1.0.0"}');
  expect(text).toContain('"io.containerd.image.name":"docker.io/library/a:1"');
});

test("saveArchive() and loadArchive() keep an index; a part of one loads as the image for this machine", async () => {
  using from = openImageStore();
  const other = { os: "linux", architecture: "s390x" };
  const [here, there] = [
    await randomImage(from.content),
    await randomImage(from.content, { platform: other }),
  ];
  const index = await writeIndex(from.content, [
    { image: there, platform: other },
    { image: here, platform: hostPlatform() },
  ]);
  const whole = await load(await saved(from, [{ descriptor: index, references: ["multi:1"] }]));
  expect(whole.loaded).toEqual([{ id: here.id, references: ["docker.io/library/multi:1"] }]);
  expect((await whole.t.images.resolve("multi:1")).digest).toBe(index.digest);
  const layout = JSON.stringify({ schemaVersion: 2, manifests: [index] });
  const blobs = [index, here.descriptor, here.manifest.config, ...here.manifest.layers];
  const files = await Promise.all(
    blobs.map(async (desc) => ({
      name: `blobs/${desc.digest.replace(":", "/")}`,
      content: await collectAll(await from.content.fetch(desc), 1e6),
    })),
  );
  const part = await load(smallTar([...files, { name: "index.json", content: Buffer.from(layout) }]));
  expect(part.loaded).toEqual([{ id: here.id, references: [] }]);
});

test("saveArchive() stops and throws when a blob is corrupted", async () => {
  using t = openImageStore();
  const { descriptor, manifest } = await randomImage(t.content, { layers: 1, size: 600_000 });
  const [layer] = manifest.layers;
  if (layer !== undefined) t.content.corrupt(layer.digest, (bytes) => bytes.fill(1, 300_000, 300_100));
  const result = await failure(saved(t, [{ descriptor, references: [] }]));
  expect(result.code).toBe("data_loss");
  expect(result.message).toContain(layer?.digest ?? "");
});

test("saveArchive() ends its work when the reader leaves", async () => {
  using t = openImageStore();
  const { descriptor } = await randomImage(t.content, { size: 900_000 });
  let pieces = 0;
  for await (const _piece of saveArchive(t.images, [{ descriptor, references: [] }])) {
    pieces += 1;
    if (pieces === 3) break;
  }
  expect(pieces).toBe(3);
});

test("loadArchive() reads archives of docker save, skopeo and BuildKit", async () => {
  const expected: Record<string, string[][]> = {
    "dive-test-oci-gzip-image.tar": [[]],
    "dive-test-oci-uncompressed-image.tar": [[]],
    "dive-test-oci-zstd-image.tar": [[]],
    "ggcr-v1-mutate-whiteout_dir.tar": [["localhost:5000/whiteout:latest"]],
    "ggcr-v1-tarball-hello-world-v25.tar": [[]],
    "ggcr-v1-tarball-test_bundle.tar": [
      ["docker.io/library/test_image_2:latest"],
      ["docker.io/library/test_image_1:latest"],
    ],
  };
  for (const [file, references] of Object.entries(expected)) {
    const { t, loaded } = await load(readFileSync(join(data, file)));
    expect(loaded.map((image) => [...image.references])).toEqual(references);
    for (const { id } of loaded) await validateImage(t.images, id);
  }
});

test("loadArchive() follows the links that docker save made of equal layers", async () => {
  const { t, loaded } = await load(readFileSync(join(data, "ggcr-v1-tarball-test_link.tar")));
  expect(loaded.map((image) => image.references)).toEqual([
    ["docker.io/bazel/v1/tarball:test_image_1"],
    ["docker.io/bazel/v1/tarball:test_image_3"],
  ]);
  for (const { id } of loaded) await validateImage(t.images, id);
});

test("loadArchive() says of what is no archive that it is none", async () => {
  const { code, message } = await failure(load(Buffer.from("hello world\n".repeat(100))));
  expect([code, message]).toEqual(["invalid_argument", expect.stringContaining("it is no tar archive")]);
});

test("loadArchive() refuses archives without images and records nothing", async () => {
  for (const file of ["ggcr-v1-tarball-no_manifest.tar", "ggcr-v1-tarball-null_manifest.tar"]) {
    using t = openImageStore();
    const { code } = await failure(loadArchive(once(readFileSync(join(data, file))), t));
    expect(code).toBe("invalid_argument");
    expect(t.images.records.list()).toEqual([]);
  }
});

test("loadArchive() refuses blobs that are not what their name says, missing files, and what is cut off", async () => {
  using from = openImageStore();
  const { descriptor, manifest } = await randomImage(from.content, { size: 5000, compression: "none" });
  const archive = Buffer.from(await saved(from, [{ descriptor, references: ["a:1"] }]));
  const hex = manifest.layers[0]?.digest.slice(7) ?? "";
  const wrong = Buffer.from(archive);
  const at = wrong.indexOf(`blobs/sha256/${hex}`) + 512;
  wrong.fill(9, at + 600, at + 700);
  const item = { Config: "../../etc/passwd", RepoTags: null, Layers: [] };
  const outside = smallTar([{ name: "manifest.json", content: Buffer.from(JSON.stringify([item])) }]);
  const loops = { Config: "a", RepoTags: ["no such/name"], Layers: [] };
  const badName = smallTar([
    { name: "a", content: Buffer.from("{}") },
    { name: "manifest.json", content: Buffer.from(JSON.stringify([loops])) },
  ]);
  const cut = archive.subarray(0, 3000);
  const rest: [Uint8Array, string][] = [
    [wrong, "data_loss"],
    [outside, "invalid_argument"],
    [badName, "invalid_argument"],
    [cut, "invalid_argument"],
    [Buffer.from("no tar at all"), "invalid_argument"],
  ];
  for (const [bytes, code] of rest) {
    using t = openImageStore();
    expect((await failure(loadArchive(once(bytes), t))).code).toBe(code);
    expect(t.images.records.list()).toEqual([]);
    expect(t.images.records.tags()).toEqual([]);
  }
});
