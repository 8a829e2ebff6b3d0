import { expect, test } from "bun:test";
import { errorCode } from "../errors.ts";
import { chainID, digestOf, parseDiffID, type Digest } from "../oci/digest.ts";
import { mediaTypes } from "../oci/media-types.ts";
import { hostPlatform } from "../oci/platform.ts";
import { openImageStore } from "./testing/open-image-store.ts";
import { randomImage, writeImage, writeIndex } from "./testing/random-image.ts";
import { smallTar } from "./testing/small-tar.ts";
import { validateImage } from "./testing/validate-image.ts";

const nginx = "docker.io/library/nginx:latest";

function failure(work: () => unknown): { code: string; message: string } {
  try {
    work();
    return { code: "no error", message: "" };
  } catch (error) {
    return { code: errorCode(error), message: (error as Error).message };
  }
}

async function rejection(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "no error",
    (error: unknown) => errorCode(error),
  );
}

test("ImageStore.tag() records an image under its canonical name, found by every name of it", async () => {
  using t = openImageStore();
  const image = await randomImage(t.content);
  await t.images.tag(image.descriptor, "nginx");
  const hex = image.id.slice("sha256:".length);
  const names = [
    "nginx",
    "nginx:latest",
    nginx,
    image.id,
    hex,
    hex.slice(0, 12),
    `sha256:${hex.slice(0, 4)}`,
  ];
  for (const name of names) expect(t.images.get(name).id).toBe(image.id);
  expect(await t.images.resolve("nginx")).toEqual(image.descriptor);
  expect(await t.images.resolve(image.id)).toEqual(image.descriptor);
  expect(await t.images.resolve(image.descriptor.digest)).toEqual(image.descriptor);
  expect(t.images.records.tagsOf(image.id).map((tag) => tag.reference)).toEqual([nginx]);
});

test("ImageStore.get() says what is missing in Docker's words", async () => {
  using t = openImageStore();
  const of = (name: string): unknown => failure(() => t.images.get(name));
  expect(of("nope")).toEqual({ code: "not_found", message: "No such image: nope:latest" });
  expect(of("me/app:1")).toEqual({ code: "not_found", message: "No such image: me/app:1" });
  expect(of("NOPE")).toEqual({ code: "not_found", message: "No such image: NOPE" });
  const id = digestOf("x");
  expect(of(id)).toEqual({ code: "not_found", message: `No such image: ${id}` });
});

test("ImageStore.get() prefers a name to an ID that begins so, and refuses an ambiguous prefix", async () => {
  using t = openImageStore();
  const config = (n: number): Digest => `sha256:abc${String(n).repeat(61)}` as Digest;
  const named = await randomImage(t.content);
  for (const n of [1, 2]) {
    const createdAt = new Date();
    t.images.records.insert({ id: config(n), manifest: named.descriptor, config: "{}", createdAt });
  }
  expect(failure(() => t.images.get("abc")).code).toBe("conflict");
  expect(t.images.get("abc1").id).toBe(config(1));
  await t.images.tag(named.descriptor, "abc");
  expect(t.images.get("abc").id).toBe(named.id);
});

test("ImageStore.tag() moves a name; untag() takes it away and leaves the image", async () => {
  using t = openImageStore();
  const [first, second] = [await randomImage(t.content), await randomImage(t.content)];
  await t.images.tag(first.descriptor, "app:1");
  await t.images.tag(second.descriptor, "app:1");
  expect(t.images.get("app:1").id).toBe(second.id);
  expect(t.images.get(first.id).id).toBe(first.id);
  await t.images.tagAs("app:1", "app:2");
  expect(t.images.untag("app:1")).toBe(true);
  expect(t.images.untag("app:1")).toBe(false);
  expect(t.images.get("app:2").id).toBe(second.id);
  expect(t.images.records.list()).toHaveLength(2);
});

test("ImageStore.delete() forgets the image and all its names", async () => {
  using t = openImageStore();
  const image = await randomImage(t.content);
  await t.images.tag(image.descriptor, "app");
  t.images.addRepoDigest(`app@${image.descriptor.digest}`, image.id);
  t.images.delete(image.id);
  t.images.delete(image.id);
  expect(t.images.records.tags()).toEqual([]);
  expect(failure(() => t.images.get(`app@${image.descriptor.digest}`)).code).toBe("not_found");
});

test("ImageStore.addRepoDigest() makes the image found by what a registry calls it", async () => {
  using t = openImageStore();
  const image = await randomImage(t.content);
  await t.images.put(image.descriptor);
  const reference = `docker.io/library/app@${digestOf("index")}`;
  t.images.addRepoDigest(`app:1@${digestOf("index")}`, image.id);
  expect(t.images.records.repoDigestsOf(image.id)).toEqual([reference]);
  expect(t.images.get(`app@${digestOf("index")}`).id).toBe(image.id);
  expect(await t.images.resolve(reference)).toEqual(image.descriptor);
  expect(failure(() => t.images.addRepoDigest("app:1", image.id)).code).toBe("invalid_argument");
  expect(failure(() => t.images.addRepoDigest(reference, digestOf("no"))).code).toBe("not_found");
});

test("ImageStore.tag() of a digest reference keeps a repo digest", async () => {
  using t = openImageStore();
  const { descriptor, id } = await randomImage(t.content);
  await t.images.tag(descriptor, `app@${descriptor.digest}`);
  expect(t.images.records.tagsOf(id)).toEqual([]);
  expect(t.images.records.repoDigestsOf(id)).toEqual([`docker.io/library/app@${descriptor.digest}`]);
});

test("ImageStore.tag() of an index means the image for this machine", async () => {
  using t = openImageStore();
  const other = { os: "linux", architecture: "s390x" };
  const there = await randomImage(t.content, { platform: other });
  const here = await randomImage(t.content);
  const index = await writeIndex(t.content, [
    { image: there, platform: other },
    { image: here, platform: hostPlatform() },
  ]);
  await t.images.tag(index, "app");
  expect(t.images.get("app").id).toBe(here.id);
  expect((await t.images.resolve("app")).digest).toBe(index.digest);
  await t.content.delete(here.descriptor.digest);
  await t.images.tag(index, "app");
  expect(t.images.get("app").id).toBe(there.id);
});

test("ImageStore.put() refuses what is missing or does not fit together", async () => {
  using t = openImageStore();
  const { manifest, config, descriptor } = await randomImage(t.content);
  const odd = await writeImage(t.content, config, manifest.layers.slice(1));
  expect(await rejection(t.images.put(odd.descriptor))).toBe("invalid_argument");
  await t.content.delete(manifest.config.digest);
  expect(await rejection(t.images.put(descriptor))).toBe("not_found");
  expect(t.images.records.list()).toEqual([]);
});

test("ImageStore.exists() of a manifest asks for its children as well", async () => {
  using t = openImageStore();
  const { manifest, descriptor } = await randomImage(t.content);
  expect(await t.images.exists(descriptor)).toBe(true);
  const [layer] = manifest.layers;
  if (layer !== undefined) await t.content.delete(layer.digest);
  expect(await t.images.exists(descriptor)).toBe(false);
});

test("ImageStore.push() refuses other bytes than the descriptor's", async () => {
  using t = openImageStore();
  const desc = { mediaType: mediaTypes.ociConfig, digest: digestOf("good"), size: 4 };
  const bad = (async function* () {
    yield Buffer.from("evil");
  })();
  expect(await rejection(t.images.push(desc, bad))).toBe("data_loss");
  expect(await t.images.exists(desc)).toBe(false);
});

test("ImageStore.fetch() makes a layer again from its snapshot, which must give its digest", async () => {
  let tar = smallTar([{ name: "file", content: Buffer.from("built") }]);
  const left: string[] = [];
  async function* pieces(snapshot: string): AsyncGenerator<Uint8Array> {
    try {
      yield tar.subarray(0, 700);
      yield tar.subarray(700);
    } finally {
      left.push(snapshot);
    }
  }
  using t = openImageStore({
    pack: async (snapshot) => await Promise.resolve(pieces(snapshot)),
  });
  const diffID = parseDiffID(digestOf(tar));
  const layer = { mediaType: mediaTypes.ociLayer, digest: digestOf(tar), size: tar.length };
  expect(await t.images.exists(layer)).toBe(false);
  expect(await rejection(t.images.fetch(layer))).toBe("not_found");
  const chain = chainID([diffID]);
  if (chain !== undefined) t.layers.add({ chainID: chain, diffID, snapshot: "step-1", size: 5 });
  expect(await t.images.exists(layer)).toBe(true);
  const rootfs = { type: "layers" as const, diff_ids: [diffID] };
  const image = await writeImage(t.content, { architecture: "amd64", os: "linux", rootfs }, [layer]);
  expect(await t.images.exists(image.descriptor)).toBe(true);
  await t.images.tag(image.descriptor, "app");
  expect(await validateImage(t.images, "app")).toBe(3);
  await using rest = await t.images.fetch(layer, { offset: 1000 });
  expect(Buffer.concat(await Array.fromAsync(rest)).equals(tar.subarray(1000))).toBe(true);
  expect(left).toEqual(["step-1", "step-1"]);
  tar = smallTar([{ name: "file", content: Buffer.from("other") }]);
  expect(await rejection(validateImage(t.images, "app"))).toBe("data_loss");
  expect(await validateImage(t.images, "app").catch((error: Error) => error.message)).toContain(diffID);
});

test("ImageStore.fetch() makes a layer again from its compressed blob", async () => {
  using t = openImageStore();
  const { manifest, config } = await randomImage(t.content, { layers: 1, size: 700_000 });
  const diffID = parseDiffID(config.rootfs.diff_ids[0] ?? "");
  const [blob] = manifest.layers;
  const size = 700_000 + 512 + 416 + 1024;
  const layer = { mediaType: mediaTypes.ociLayer, digest: diffID as unknown as Digest, size };
  expect(await t.images.exists(layer)).toBe(false);
  if (blob !== undefined) t.compressed.add(diffID, blob);
  expect(await t.images.exists(layer)).toBe(true);
  const plain = await writeImage(t.content, config, [layer]);
  expect(await validateImage(t.images, plain.descriptor)).toBe(3);
  await using rest = await t.images.fetch(layer, { offset: 300_000 });
  let bytes = 0;
  for await (const chunk of rest) bytes += chunk.length;
  expect(bytes).toBe(size - 300_000);
  if (blob !== undefined) t.content.corrupt(blob.digest, (b) => b.fill(7, 1000, 2000));
  expect(await rejection(validateImage(t.images, plain.descriptor))).toBe("data_loss");
});

test("ImageStore.leased() holds what it finds and what it gets, children as well", async () => {
  using t = openImageStore();
  const { descriptor, manifest } = await randomImage(t.content);
  const lease = t.leases.create("pull");
  expect(await t.images.leased(lease).exists(descriptor)).toBe(true);
  for (const desc of [descriptor, manifest.config, ...manifest.layers]) {
    expect(t.leases.isHeld(`blob/${desc.digest}`)).toBe(true);
  }
  lease[Symbol.dispose]();
  expect(t.leases.isHeld(`blob/${descriptor.digest}`)).toBe(false);
});
