import { expect, test } from "bun:test";
import { errorCode } from "../errors.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { hostPlatform } from "../oci/platform.ts";
import { copyAndUnpack } from "./copy-and-unpack.ts";
import { CopyError } from "./copy-error.ts";
import { MemoryTarget } from "./testing/memory-target.ts";
import { randomImage, writeImage, writeIndex } from "./testing/random-image.ts";
import { tempImageParts } from "./testing/temp-image-parts.ts";
import { validateImage } from "./testing/validate-image.ts";

const other = { os: "linux", architecture: "s390x" };

async function failure(work: Promise<unknown>): Promise<Error> {
  return await work.then(
    () => new Error("no error"),
    (error: unknown) => error as Error,
  );
}

test("copyAndUnpack() unpacks a layer while another still comes, and asks for each document once", async () => {
  await using t = await tempImageParts();
  const unpackedOne = Promise.withResolvers<void>();
  class Slow extends MemoryTarget {
    last: string | undefined;
    override async fetch(desc: Descriptor, options?: { offset?: number }) {
      if (desc.digest === this.last) await unpackedOne.promise;
      return await super.fetch(desc, options);
    }
  }
  const src = new Slow();
  const here = await randomImage(src.content, { layers: 3 });
  const there = await randomImage(src.content, { platform: other });
  const index = await writeIndex(src.content, [
    { image: there, platform: other },
    { image: here, platform: hostPlatform() },
  ]);
  await src.tag(index, "v1");
  src.last = here.manifest.layers[2]?.digest;
  using lease = t.leases.create("pull");
  const onUnpack = (progress: { state: string }): void => {
    if (progress.state === "done") unpackedOne.resolve();
  };
  const pulled = await copyAndUnpack(src, "v1", t, "app", { lease, onUnpack });
  expect(pulled.id).toBe(here.id);
  expect(pulled.descriptor.digest).toBe(here.descriptor.digest);
  expect(t.layers.list()).toHaveLength(3);
  expect(t.leases.isHeld(`snapshot/${pulled.unpacked?.snapshot}`)).toBe(true);
  expect(await validateImage(t.images, "app")).toBe(5);
  expect(src.calls.length).toBe(new Set(src.calls).size);
  src.calls.length = 0;
  expect(await copyAndUnpack(src, "v1", t, "app", { lease })).toEqual(pulled);
  expect(src.calls.length).toBeLessThanOrEqual(2);
});

test("copyAndUnpack() of an image that does not unpack leaves the name where it was", async () => {
  await using t = await tempImageParts();
  const src = new MemoryTarget();
  const good = await randomImage(src.content);
  const rootfs = { type: "layers" as const, diff_ids: good.config.rootfs.diff_ids.toReversed() };
  const bad = await writeImage(src.content, { ...good.config, rootfs }, good.manifest.layers);
  using lease = t.leases.create("pull");
  await copyAndUnpack(src, good.descriptor, t, "app", { lease });
  const error = await failure(copyAndUnpack(src, bad.descriptor, t, "app", { lease }));
  expect(errorCode(error)).toBe("data_loss");
  expect(t.images.get("app").id).toBe(good.id);
  expect(t.images.records.list()).toHaveLength(1);
});

test("copyAndUnpack() ends both when the source fails, and when its signal aborts", async () => {
  await using t = await tempImageParts();
  const src = new MemoryTarget();
  const image = await randomImage(src.content, { layers: 4 });
  const [, second] = image.manifest.layers;
  using lease = t.leases.create("pull");
  const abort = new AbortController();
  const onProgress = (): void => abort.abort();
  const options = { lease, signal: abort.signal, onProgress };
  const cancelled = await failure(copyAndUnpack(src, image.descriptor, t, "app", options));
  expect(errorCode(cancelled)).toBe("cancelled");
  if (second !== undefined) await src.content.delete(second.digest);
  const error = await failure(copyAndUnpack(src, image.descriptor, t, "app", { lease }));
  expect(error).toBeInstanceOf(CopyError);
  expect(errorCode(error)).toBe("not_found");
  const active = (await Array.fromAsync(t.snapshotter.list())).filter((info) => info.kind !== "committed");
  expect(active).toEqual([]);
  expect(t.images.records.list()).toEqual([]);
});

/** Gives the first half of the blob `slow`, and the rest when told to, or an error. */
class Halting extends MemoryTarget {
  slow: string | undefined;
  readonly halted = Promise.withResolvers<void>();
  readonly goOn = Promise.withResolvers<void>();
  override async fetch(desc: Descriptor, options?: { offset?: number }) {
    const reader = await super.fetch(desc, options);
    if (desc.digest !== this.slow || options?.offset) return reader;
    const { halted, goOn } = this;
    async function* halves(): AsyncGenerator<Uint8Array> {
      let bytes = 0;
      for await (const chunk of reader) {
        yield chunk;
        bytes += chunk.length;
        if (bytes < reader.size / 2) continue;
        halted.resolve();
        await goOn.promise;
      }
    }
    const stream = halves();
    return { size: reader.size, [Symbol.asyncIterator]: () => stream, [Symbol.asyncDispose]: async () => {} };
  }
}

async function haltingImage() {
  const src = new Halting();
  const image = await randomImage(src.content, { layers: 1, size: 8 << 20 });
  src.slow = image.manifest.layers[0]?.digest;
  return { src, image };
}

test("copyAndUnpack() unpacks a layer while it comes", async () => {
  await using t = await tempImageParts();
  const { src, image } = await haltingImage();
  using lease = t.leases.create("pull");
  const pulling = copyAndUnpack(src, image.descriptor, t, "app", { lease });
  await src.halted.promise;
  for (;;) {
    const found = await Array.fromAsync(new Bun.Glob("snapshots/*/fs/layer-0").scan(t.root));
    if (found[0] !== undefined && Bun.file(`${t.root}/${found[0]}`).size > 1 << 20) break;
    await Bun.sleep(5);
  }
  src.goOn.resolve();
  await pulling;
  expect(await validateImage(t.images, "app")).toBe(3);
});

test("copyAndUnpack() goes on where another pull of the same layer was given up", async () => {
  await using t = await tempImageParts();
  const { src, image } = await haltingImage();
  using lease = t.leases.create("pull");
  const abort = new AbortController();
  const first = failure(copyAndUnpack(src, image.descriptor, t, "app", { lease, signal: abort.signal }));
  await src.halted.promise;
  const second = copyAndUnpack(src, image.descriptor, t, "app", { lease });
  abort.abort();
  src.goOn.resolve();
  expect(errorCode(await first)).toBe("cancelled");
  await second;
  expect(await validateImage(t.images, "app")).toBe(3);
});
