import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { copy } from "../../src/image/copy.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage } from "../../src/image/testing/random-image.ts";
import { validateImage } from "../../src/image/testing/validate-image.ts";
import { chunks, collect, randomBlob, repositoryAt } from "./blobs.ts";
import { LocalRegistry, openHub } from "./local-registry.ts";
import { ServeCommand } from "./serve-command.ts";

async function serveCache(upstream: LocalRegistry, tagAge: string): Promise<ServeCommand> {
  return await ServeCommand.open(async (directory) => {
    await writeFile(join(directory, "password"), "secret\n");
    const config = `
listen: 127.0.0.1:0
storage: { filesystem: { root: data } }
proxy:
  tagAge: ${tagAge}
  upstreams: [{ prefix: hub, registry: "${upstream.host}", username: ann, passwordFile: password }]
`;
    await writeFile(join(directory, "c.yaml"), config);
    return ["--config", join(directory, "c.yaml")];
  });
}

const ann = { credentials: () => ({ username: "ann", password: "secret" }) };

async function pushed(host: string, tag: string, source = new MemoryTarget()) {
  const image = await randomImage(source.content, { layers: 2, size: 400_000 });
  await copy(source, image.descriptor, repositoryAt(host, "team/app", ann), tag);
  return image.descriptor;
}

test("a pull-through cache asks its upstream once, and serves what it has when the upstream is gone", async () => {
  await using hub = await openHub({ anonymousPull: false });
  const first = await pushed(hub.host, "v1");
  await using cache = await serveCache(hub, "0s");
  const here = repositoryAt(cache.host, "hub/team/app", { retry: { attempts: 1 } });
  expect(await validateImage(here, "v1")).toBe(4);
  const blobGets = () => hub.asked("GET").filter((line) => line.includes("/blobs/")).length;
  expect(blobGets()).toBe(3);
  expect(await validateImage(here, "v1")).toBe(4);
  expect(blobGets()).toBe(3);
  const second = await pushed(hub.host, "v1");
  expect((await here.resolve("v1")).digest).toBe(second.digest);
  expect(await here.tags()).toEqual(["v1"]);
  await hub.stop();
  expect((await here.resolve("v1")).digest).toBe(second.digest);
  expect((await here.resolve(first.digest)).digest).toBe(first.digest);
  expect(await here.tags()).toEqual(["v1"]);
  await expect(here.resolve("v2")).rejects.toMatchObject({ code: "unavailable" });
}, 30_000);

test("a pull-through cache can be pushed to, and what was pushed wins", async () => {
  await using hub = await openHub();
  const source = new MemoryTarget();
  const theirs = await pushed(hub.host, "v1", source);
  await using cache = await serveCache(hub, "0s");
  const here = repositoryAt(cache.host, "hub/team/app");
  // The layers are upstream already: the push leaves them out, and the cache fetches them.
  await copy(source, theirs, here, "mine");
  const own = await randomImage(source.content, { layers: 1, size: 1000 });
  await copy(source, own.descriptor, here, "v1");
  expect((await here.resolve("v1")).digest).toBe(own.descriptor.digest);
  expect(await here.tags()).toEqual(["mine", "v1"]);
  await hub.stop();
  expect(await validateImage(here, "mine")).toBe(4);
}, 30_000);

test("a second client of a cache gets a blob while the first one still fetches it, and it is stored once", async () => {
  const { bytes, descriptor } = randomBlob(3_000_000);
  const half = Promise.withResolvers<void>();
  await using upstream = await LocalRegistry.open({
    before: (request) => {
      if (!request.url.includes("/blobs/sha256:")) return undefined;
      const headers = { "content-length": String(bytes.length) };
      if (request.method === "HEAD") return new Response(null, { headers });
      const body = new ReadableStream<Uint8Array>({
        async start(controller) {
          controller.enqueue(bytes.subarray(0, 1_000_000));
          await half.promise;
          controller.enqueue(bytes.subarray(1_000_000));
          controller.close();
        },
      });
      return new Response(body, { headers });
    },
  });
  await using cache = await serveCache(upstream, "1m");
  const path = `${cache.url}/v2/hub/a/blobs/${descriptor.digest}`;
  const clients = await Promise.all([fetch(path), fetch(path), fetch(path)]);
  const readers = clients.map((answer) => answer.body!.getReader());
  const parts = await Promise.all(readers.map(async (reader) => [(await reader.read()).value!]));
  // All three have their first bytes, and nobody has the last.
  half.resolve();
  for (const [at, reader] of readers.entries())
    for (let next = await reader.read(); !next.done; next = await reader.read()) parts[at]?.push(next.value);
  for (const part of parts) expect(Buffer.concat(part).equals(bytes)).toBe(true);
  const below = async (name: string) =>
    await readdir(join(cache.directory, `data/repositories/hub/a/${name}`)).catch(() => []);
  while ((await below("_uploads")).length > 0 || (await below("_blobs/sha256")).length === 0)
    await Bun.sleep(10);
  await upstream.stop();
  const kept = await repositoryAt(cache.host, "hub/a").fetch(descriptor);
  expect((await collect(kept)).equals(bytes)).toBe(true);
}, 30_000);

test("a pull-through cache never keeps, nor ends well, what an upstream lies about", async () => {
  const honest = randomBlob(300_000);
  await using liar = await LocalRegistry.open({
    before: (request) => {
      if (!request.url.includes("/blobs/sha256:")) return undefined;
      const headers = { "content-length": "300000" };
      return new Response(request.method === "HEAD" ? null : Buffer.alloc(300_000), { headers });
    },
  });
  await using cache = await serveCache(liar, "1m");
  const here = repositoryAt(cache.host, "hub/a", { retry: { attempts: 1 } });
  await expect(here.fetch(honest.descriptor).then(collect)).rejects.toThrow();
  await Bun.sleep(50);
  await expect(here.fetch(honest.descriptor).then(collect)).rejects.toThrow();
  await liar.stop();
  await expect(here.fetch(honest.descriptor).then(collect)).rejects.toMatchObject({ code: "unavailable" });
  const ours = repositoryAt(cache.host, "own/a");
  await ours.push(honest.descriptor, chunks(honest.bytes));
  expect((await collect(await ours.fetch(honest.descriptor))).equals(honest.bytes)).toBe(true);
}, 30_000);
