import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { join } from "node:path";
import type { MountedImage } from "../../src/engine/types/image-layers.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { LocalRegistry } from "../registry/local-registry.ts";
import { Lab, run } from "./lab.ts";

let lab: Lab;
let registry: LocalRegistry;
let pushed = "";
beforeAll(async () => {
  [lab, registry] = [await Lab.open(), await LocalRegistry.open()];
  await lab.build("app", "FROM scratch\nCOPY a /dir/a\nCOPY b /dir/b\nCOPY a /dir/b\n", {
    a: "one",
    b: "two",
  });
  pushed = `${registry.host}/team/app:1`;
  await lab.ok("tag", "app", pushed);
  await lab.ok("push", "-q", pushed);
}, 60_000);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
}, 60_000);

test("image mount shows the image's files, read-only, and image unmount takes them away", async () => {
  const path = (await lab.ok("image", "mount", "app")).trim();
  expect(readFileSync(join(path, "dir/b"), "utf8")).toBe("one");
  expect(() => writeFileSync(join(path, "dir/a"), "")).toThrow("EROFS");
  expect((await lab.ok("image", "mount", "app")).trim()).toBe(path);
  expect((await lab.json<MountedImage[]>("image", "mount", "--json")).map(({ Path }) => Path)).toEqual([
    path,
  ]);
  await lab.ok("image", "unmount", "app");
  expect(existsSync(path)).toBe(false);
  const again = await lab.slipway("image", "umount", "app");
  expect([again.code, again.stderr.includes("is not mounted")]).toEqual([1, true]);
});

test("image mount outlives the engine and the image's name, and holds its files against the collector", async () => {
  await lab.build("mounted", "FROM scratch\nCOPY own /own\n", { own: "kept" });
  const path = (await lab.ok("image", "mount", "mounted")).trim();
  await lab.whileDown(() => undefined);
  expect(readFileSync(join(path, "own"), "utf8")).toBe("kept");
  await lab.ok("rmi", "mounted");
  await lab.ok("builder", "prune", "-af");
  await lab.engine.images.prune();
  expect(readFileSync(join(path, "own"), "utf8")).toBe("kept");
  expect((await lab.engine.store.check()).Problems).toEqual([]);
  await lab.ok("image", "unmount", path);
  expect((await run(["mountpoint", "-q", path])).code).not.toBe(0);
});

test("A view whose mount is gone, as after a reboot, goes at the next start", async () => {
  const path = (await lab.ok("image", "mount", "app")).trim();
  await lab.whileDown(async () => void (await run(["umount", path])));
  expect(await lab.engine.store.mounted()).toEqual([]);
  const again = (await lab.ok("image", "mount", "app")).trim();
  expect(readFileSync(join(again, "dir/a"), "utf8")).toBe("one");
  await lab.ok("image", "unmount", "app");
});

test("manifest inspect shows what the registry has, and --local what is here", async () => {
  const remote = await lab.json<{ mediaType: string; layers: { mediaType: string }[] }>(
    "manifest",
    "inspect",
    pushed,
  );
  expect(remote.mediaType).toBe(mediaTypes.ociManifest);
  expect(remote.layers.map(({ mediaType }) => mediaType)).toEqual(Array(3).fill(mediaTypes.ociLayerGzip));
  const local = await lab.json<{ layers: { mediaType: string }[] }>("manifest", "inspect", "--local", "app");
  expect(local.layers[0]?.mediaType).toBe(mediaTypes.ociLayer);
  const { Id } = await lab.engine.images.inspect("app");
  expect(await lab.json<object>("manifest", "inspect", Id)).toEqual(local);
  const missing = await lab.slipway("manifest", "inspect", `${registry.host}/team/app:none`);
  expect(missing.code).toBe(1);
});

test("manifest inspect --verbose tells name, descriptor and bytes", async () => {
  interface Verbose {
    readonly Ref: string;
    readonly Descriptor: { readonly digest: string; readonly size: number };
    readonly Raw: string;
    readonly OCIManifest: { readonly layers: object[] };
  }
  const { Ref, Descriptor, Raw, OCIManifest } = await lab.json<Verbose>("manifest", "inspect", "-v", pushed);
  expect(Ref).toBe(`${registry.host}/team/app@${Descriptor.digest}`);
  expect(Buffer.from(Raw, "base64").length).toBe(Descriptor.size);
  expect(OCIManifest.layers).toHaveLength(3);
});

test("save compresses as the name of its file promises, and load takes it", async () => {
  await lab.ok("save", "-o", lab.path("app.tar"), "app");
  const plain = readFileSync(lab.path("app.tar"));
  const unpack = { "app.tar.gz": gunzipSync, "app.tgz": gunzipSync, "app.tar.zst": zstdDecompressSync };
  for (const [name, decompress] of Object.entries(unpack)) {
    await lab.ok("save", "-o", lab.path(name), "app");
    expect(statSync(lab.path(name)).size).toBeLessThan(plain.length);
    expect(decompress(readFileSync(lab.path(name))).equals(plain)).toBe(true);
    const { Id } = await lab.engine.images.inspect("app");
    await lab.ok("rmi", "app");
    expect(await lab.ok("load", "-i", lab.path(name))).toBe("Loaded image: app:latest\n");
    expect((await lab.engine.images.inspect("app")).Id).toBe(Id);
  }
});
