import { expect, test } from "bun:test";
import { errorCode } from "../errors.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { mediaTypes } from "../oci/media-types.ts";
import { hostPlatform } from "../oci/platform.ts";
import { copy, type CopyProgress } from "./copy.ts";
import { CopyError } from "./copy-error.ts";
import { MemoryTarget } from "./testing/memory-target.ts";
import { openImageStore } from "./testing/open-image-store.ts";
import { randomImage, writeImage, writeIndex } from "./testing/random-image.ts";
import { validateImage } from "./testing/validate-image.ts";

const other = { os: "linux", architecture: "s390x" };

async function sourceWith(layers = 3): Promise<{ src: MemoryTarget; root: Descriptor }> {
  const src = new MemoryTarget();
  const { descriptor } = await randomImage(src.content, { layers, size: 50_000 });
  await src.tag(descriptor, "v1");
  return { src, root: descriptor };
}

async function failure(work: Promise<unknown>): Promise<Error> {
  return await work.then(
    () => new Error("no error"),
    (error: unknown) => error as Error,
  );
}

test("copy() moves an image whole, children before parents, and tags it", async () => {
  const { src, root } = await sourceWith();
  const dst = new MemoryTarget();
  const progress: CopyProgress[] = [];
  expect(await copy(src, "v1", dst, "mine", { onProgress: (p) => progress.push(p) })).toEqual(root);
  expect(await validateImage(dst, "mine")).toBe(5);
  expect(dst.calls.filter((call) => call.startsWith("push")).at(-1)).toBe(`push ${root.digest}`);
  const done = progress.filter((p) => p.state === "done");
  expect(done).toHaveLength(5);
  for (const { bytes, descriptor } of done) expect(bytes).toBe(descriptor.size);
});

test("copy() takes a descriptor for a reference", async () => {
  const { src, root } = await sourceWith();
  const dst = new MemoryTarget();
  await copy(src, root, dst, "mine");
  expect(await dst.resolve("mine")).toEqual(root);
});

test("copy() skips blobs the target already has, and an image it has whole", async () => {
  const { src, root } = await sourceWith();
  const dst = new MemoryTarget();
  await copy(src, "v1", dst, "v1");
  await dst.content.delete(root.digest);
  dst.calls.length = 0;
  const states: string[] = [];
  await copy(src, "v1", dst, "v1", { onProgress: (p) => states.push(p.state) });
  expect(dst.calls).toEqual([`push ${root.digest}`]);
  expect(states.sort()).toEqual(["done", "exists", "exists", "exists", "exists"]);
  src.calls.length = 0;
  await copy(src, "v1", dst, "v2");
  expect(src.calls).toEqual([]);
});

test("copy() copies a whole index, or the manifest for one platform", async () => {
  const src = new MemoryTarget();
  const here = await randomImage(src.content);
  const there = await randomImage(src.content, { platform: other });
  const index = await writeIndex(src.content, [
    { image: there, platform: other },
    { image: here, platform: hostPlatform() },
  ]);
  await src.tag(index, "all");
  const whole = new MemoryTarget();
  expect((await copy(src, "all", whole, "all")).digest).toBe(index.digest);
  expect(await validateImage(whole, "all")).toBe(9);
  const one = new MemoryTarget();
  const copied = await copy(src, "all", one, "all", { platform: hostPlatform() });
  expect(copied.digest).toBe(here.descriptor.digest);
  expect(await validateImage(one, "all")).toBe(4);
  expect(await one.exists(there.descriptor)).toBe(false);
  const error = await failure(
    copy(src, "all", one, "x", { platform: { os: "plan9", architecture: "mips" } }),
  );
  expect(errorCode(error)).toBe("not_found");
  expect(error.message).toContain("no matching manifest for plan9/mips");
});

test("copy() says that the source failed, also in the middle of a blob", async () => {
  const { src, root } = await sourceWith();
  const dst = new MemoryTarget();
  const missing = await failure(copy(src, "v2", dst, "v2"));
  expect(missing.message).toBe('Cannot read from "v2": Tag "v2" not found');
  expect(errorCode(missing)).toBe("not_found");
  const layer = (await Array.fromAsync(src.content.list())).find((info) => info.size > 40_000);
  if (layer !== undefined) src.content.corrupt(layer.digest, (bytes) => bytes.fill(0, 100, 200));
  const error = await failure(copy(src, "v1", dst, "v1"));
  expect(error).toBeInstanceOf(CopyError);
  expect((error as CopyError).side).toBe("source");
  expect(error.message).toStartWith('Cannot read from "v1": ');
  expect(error.message).toContain(layer?.digest ?? "");
  expect(errorCode(error)).toBe("data_loss");
  expect(await dst.exists(root)).toBe(false);
});

test("copy() says that the target failed, and stops the siblings", async () => {
  const { src } = await sourceWith(6);
  class Full extends MemoryTarget {
    override async push(): Promise<void> {
      throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    }
  }
  const dst = new Full();
  const error = await failure(copy(src, "v1", dst, "mine", { concurrency: 1 }));
  expect((error as CopyError).side).toBe("target");
  expect(error.message).toBe('Cannot write to "mine": no space left');
  expect(errorCode(error)).toBe("resource_exhausted");
  expect(src.calls.length).toBeLessThan(4);
});

test("copy() stops when its signal aborts", async () => {
  const { src, root } = await sourceWith();
  const abort = new AbortController();
  const dst = new MemoryTarget();
  const error = await failure(
    copy(src, "v1", dst, "v1", { signal: abort.signal, onProgress: () => abort.abort() }),
  );
  expect(errorCode(error)).toBe("cancelled");
  expect(await dst.exists(root)).toBe(false);
});

test("copy() refuses layers that may not be redistributed before anything moves", async () => {
  const src = new MemoryTarget();
  const { manifest, config } = await randomImage(src.content);
  const layers = manifest.layers.map((layer) => ({ ...layer, mediaType: mediaTypes.dockerForeignLayer }));
  const { descriptor } = await writeImage(src.content, config, layers);
  const dst = new MemoryTarget();
  const error = await failure(copy(src, descriptor, dst, "v1"));
  expect(error.message).toContain("may not be redistributed");
  expect(dst.calls).toEqual([]);
});

test("copy() mounts what another repository of the target has", async () => {
  const { src, root } = await sourceWith();
  class Mounting extends MemoryTarget {
    async mount(desc: Descriptor, from: string): Promise<boolean> {
      this.calls.push(`mount ${desc.digest} ${from}`);
      if (desc.size < 10_000) return false;
      await copyBlob(src, desc, this);
      return true;
    }
  }
  const dst = new Mounting();
  const states: string[] = [];
  await copy(src, "v1", dst, "v1", { from: "library/base", onProgress: (p) => states.push(p.state) });
  expect(states.filter((state) => state === "mounted")).toHaveLength(3);
  expect(dst.calls.filter((call) => call.startsWith("mount"))).toHaveLength(4);
  expect(dst.calls.some((call) => call.includes(`mount ${root.digest}`))).toBe(false);
  expect(await validateImage(dst, "v1")).toBe(5);
});

async function copyBlob(src: MemoryTarget, desc: Descriptor, dst: MemoryTarget): Promise<void> {
  await using reader = await src.content.fetch(desc);
  await using writer = await dst.content.ingest(desc.digest);
  for await (const chunk of reader) await writer.write(chunk);
  await writer.commit(desc);
}

test("copy() into an image store goes on at the byte where a broken copy stopped", async () => {
  const { src } = await sourceWith(1);
  class Breaking extends MemoryTarget {
    offsets: number[] = [];
    broken = false;
    override async fetch(desc: Descriptor, options?: { offset?: number }) {
      const reader = await src.content.fetch(desc, options);
      if (desc.size < 40_000) return reader;
      this.offsets.push(options?.offset ?? 0);
      if (this.broken) return reader;
      this.broken = true;
      const cut = async function* () {
        for await (const chunk of reader) {
          yield chunk.subarray(0, 20_000);
          throw new Error("connection reset");
        }
      };
      return { ...reader, [Symbol.asyncIterator]: cut, size: desc.size };
    }
    override resolve = (ref: string) => src.resolve(ref);
  }
  const breaking = new Breaking();
  using t = openImageStore();
  const error = await failure(copy(breaking, "v1", t.images, "app"));
  expect(error.message).toBe('Cannot read from "v1": connection reset');
  await copy(breaking, "v1", t.images, "app");
  expect(breaking.offsets).toEqual([0, 20_000]);
  expect(await validateImage(t.images, "app")).toBe(3);
});

test("copy() twice at once into one image store moves each blob once", async () => {
  const { src } = await sourceWith();
  using t = openImageStore();
  await Promise.all([copy(src, "v1", t.images, "a"), copy(src, "v1", t.images, "b")]);
  const fetches = src.calls.filter((call) => call.startsWith("fetch"));
  expect(new Set(fetches).size).toBe(5);
  expect(fetches.length).toBeLessThanOrEqual(6);
  expect(await validateImage(t.images, "b")).toBe(5);
});
