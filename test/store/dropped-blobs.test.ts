import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { copy } from "../../src/image/copy.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage } from "../../src/image/testing/random-image.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { openRepository } from "../../src/registry/client/repository.ts";
import { LocalRegistry } from "../registry/local-registry.ts";
import { Lab } from "./lab.ts";

let lab: Lab;
let registry: LocalRegistry;
beforeAll(async () => {
  lab = await Lab.open({ env: { SLIPWAY_LAYER_BLOBS: "drop" } });
  registry = await LocalRegistry.open();
}, 60_000);
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
}, 60_000);

/** What blobs take, once the collection of a start is through. */
async function blobBytes(): Promise<number> {
  await lab.whileDown(() => undefined);
  await lab.engine.images.prune();
  const { Categories } = await lab.engine.store.explain();
  return Categories.find(({ Category }) => Category === "blobs")?.Bytes ?? 0;
}

const digestOf = (said: string) => /digest: (sha256:[0-9a-f]{64})/.exec(said)?.[1] ?? said;

test("a blob that was compressed here is given up, and made again bit for bit", async () => {
  const name = `${registry.host}/made:1`;
  await lab.build(name, "FROM scratch\nCOPY big /big\n", { big: randomBytes(300_000).toString("hex") });
  const digest = digestOf(await lab.ok("push", name));
  expect(await blobBytes()).toBeLessThan(50_000);
  const other = `${registry.host}/again:1`;
  await lab.ok("tag", name, other);
  registry.requests.length = 0;
  expect(digestOf(await lab.ok("push", other))).toBe(digest);
  expect(registry.asked("PUT").length + registry.asked("PATCH").length).toBeGreaterThan(0);
  await lab.ok("rmi", name, other);
  await lab.ok("builder", "prune", "-af");
  await lab.ok("pull", "-q", other);
  expect((await lab.engine.store.check()).Problems).toEqual([]);
  await lab.ok("rmi", other);
});

test("a blob that others made is given up while its registry has it, and fetched again", async () => {
  const name = `${registry.host}/foreign:1`;
  const source = new MemoryTarget();
  const { descriptor, id } = await randomImage(source.content, { layers: 2, size: 300_000 });
  await copy(source, descriptor, openRepository(parseReference(name)), "1");
  await lab.ok("pull", "-q", name);
  expect(await blobBytes()).toBeLessThan(50_000);
  expect((await lab.engine.store.check()).Problems).toEqual([]);
  registry.requests.length = 0;
  await lab.ok("save", "-o", lab.path("saved.tar"), name);
  expect(registry.asked("GET").filter((path) => path.includes("/blobs/")).length).toBeGreaterThan(0);
  expect(await blobBytes()).toBeLessThan(50_000);
  await registry.stop();
  const refused = await lab.slipway("save", "-o", lab.path("refused.tar"), name);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining("was given up and no registry has it"),
  ]);
  await lab.ok("rmi", name);
  await lab.ok("load", "-i", lab.path("saved.tar"));
  expect((await lab.engine.images.inspect(name)).Id).toBe(id);
  // Nobody has it by now but this store.
  expect(await blobBytes()).toBeGreaterThan(300_000);
});
