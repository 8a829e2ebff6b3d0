import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EngineProcess, build, makeBusybox, run } from "./lab.ts";
import { localRegistry, type LocalRegistry } from "./registry.ts";
import { failure, streamFailure } from "./rejects.ts";

let at: EngineProcess;
let registry: LocalRegistry;

beforeAll(async () => {
  [at, registry] = await Promise.all([EngineProcess.start(), localRegistry()]);
  await makeBusybox(at.engine, at.root);
});

afterAll(async () => {
  await at[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const blobs = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => /\/[0-9a-f]{64}$/.test(`/${name}`))
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isFile());

/** One bit of the file is another one; the same again puts it right. */
function flip(path: string): void {
  const bytes = readFileSync(path);
  const place = bytes.length >> 1;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

const largest = (paths: readonly string[]) =>
  paths.toSorted((a, b) => statSync(b).size - statSync(a).size)[0] ?? "";
const hexOf = (path: string) => path.slice(-64);

/** An image that came from the registry, so that its compressed layers are in the store. */
async function pulledImage(tag: string): Promise<string> {
  const path = join(at.root, "../context", tag);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "file"), crypto.getRandomValues(new Uint8Array(60_000)));
  const name = `${registry.host}/${tag}`;
  const dockerfile = { text: "FROM busybox\nCOPY file /file\n" };
  await build(at.engine, { context: { kind: "directory", path }, dockerfile, tags: [name] });
  for await (const _line of at.engine.images.push(name));
  await at.engine.images.remove(name);
  await at.engine.builds.prune({ all: true });
  for await (const _line of at.engine.images.pull(name));
  return name;
}

test("a damaged blob is named by check and neither pushed nor saved", async () => {
  const name = await pulledImage("damaged");
  const damaged = blobs(join(at.root, "content/blobs"));
  expect(damaged.length).toBeGreaterThan(2);
  for (const path of damaged) {
    flip(path);
    const { problems } = await at.engine.system.check();
    expect(problems.join("\n")).toContain(hexOf(path));
    await at.engine.images.tag(name, `${registry.host}/elsewhere:${hexOf(path)}`).catch(() => undefined);
    const saved = (async () => {
      for await (const _chunk of await at.engine.images.save([name]));
    })();
    const refused = await failure(saved);
    if (refused !== undefined)
      expect(refused).toMatchObject({ code: "data_loss", message: expect.stringContaining(hexOf(path)) });
    flip(path);
  }
  expect((await at.engine.system.check()).problems).toEqual([]);
  const layer = largest(damaged);
  flip(layer);
  const other = await localRegistry();
  await at.engine.images.tag(name, `${other.host}/copy`);
  const pushed = await streamFailure(at.engine.images.push(`${other.host}/copy`));
  expect(pushed).toMatchObject({ code: "data_loss", message: expect.stringContaining(hexOf(layer)) });
  await other[Symbol.asyncDispose]();
  flip(layer);
});

test("a damaged layer of a registry is never unpacked or run", async () => {
  const others = blobs(registry.root);
  const name = await pulledImage("poisoned");
  await at.engine.images.remove(name);
  const damaged = largest(blobs(registry.root).filter((path) => !others.includes(path)));
  flip(damaged);
  const pulled = await streamFailure(at.engine.images.pull(name));
  expect(pulled?.code).toBe("data_loss");
  expect(pulled?.message).toContain(hexOf(damaged));
  expect(await failure(run(at.engine, ["true"], { Image: name }))).toMatchObject({ code: "not_found" });
  expect((await at.engine.system.check()).problems).toEqual([]);
  flip(damaged);
  for await (const _line of at.engine.images.pull(name));
  expect((await run(at.engine, ["true"], { Image: name })).code).toBe(0);
});
