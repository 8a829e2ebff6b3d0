/** Images from tars, what lies on the disk, clearing it, and finding images. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Engine } from "../../src/engine/engine.ts";
import type { ByteStream } from "../../src/oci/call-options.ts";
import { build, EngineProcess, makeBusybox, run, slipway, start } from "../engine/lab.ts";
import { localRegistry, type LocalRegistry } from "../engine/registry.ts";
import { failure, streamFailure } from "../engine/rejects.ts";
import { CheckedApi } from "./open-api-answers.ts";

let at: EngineProcess;
let engine: Engine;
let api: CheckedApi;
let registry: LocalRegistry;

beforeAll(async () => {
  [at, registry] = await Promise.all([EngineProcess.start(), localRegistry()]);
  engine = at.engine;
  api = new CheckedApi(at.socket);
  await makeBusybox(engine, at.root);
});
afterAll(async () => {
  await at?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
});

async function whole(stream: ByteStream): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts);
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.slice(at, at + 100_000);
}

async function importOf(bytes: Uint8Array, o: Parameters<Engine["images"]["import"]>[1] = {}) {
  let id = "";
  for await (const { status } of engine.images.import(pieces(bytes), o)) id = status ?? id;
  return id;
}

async function exported(): Promise<Buffer> {
  const { id } = await run(engine, ["sh", "-c", "echo kept > /kept; chown 12:34 /kept; chmod 4755 /kept"], {
    HostConfig: { AutoRemove: false },
  });
  const archive = await whole(await engine.files.export(id));
  await engine.containers.remove(id);
  return archive;
}

async function slip(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = Bun.spawn([...slipway, ...words], {
    env: { ...process.env, SLIPWAY_ROOT: at.root, SLIPWAY_SOCKET: at.socket },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}

test("images.import() makes an image of an exported root, plain or compressed", async () => {
  const archive = await exported();
  const changes = ['CMD ["stat", "-c", "%u:%g %a", "/kept"]', "ENV A=b"];
  const options = { reference: "imported:v1", message: "from a tar", changes };
  const id = await importOf(archive, options);
  const image = await engine.images.inspect("imported:v1");
  expect(image).toMatchObject({ Id: id, Comment: "from a tar" });
  expect(image.RootFS.Layers).toHaveLength(1);
  expect((await run(engine, [], { Image: "imported:v1" })).stdout).toBe("12:34 4755\n");
  const packed = await importOf(gzipSync(archive), options);
  expect((await engine.images.inspect(packed)).RootFS).toEqual(image.RootFS);
  await engine.images.remove("imported:v1");
  await engine.images.remove(id, { force: true }).catch(() => undefined);
});

test("images.import() keeps nothing of what is no archive", async () => {
  const before = (await engine.images.list({ all: true })).length;
  const bad = engine.images.import(pieces(Buffer.from("no tar at all")), { reference: "bad:1" });
  expect((await streamFailure(bad))?.code).toBe("invalid_argument");
  const change = engine.images.import(pieces(new Uint8Array(1024)), { changes: ["RUN x"] });
  expect((await streamFailure(change))?.message).toBe("RUN is not a valid change command");
  expect(await engine.images.list({ all: true })).toHaveLength(before);
  expect((await failure(engine.images.inspect("bad:1")))?.code).toBe("not_found");
});

test("images.import() takes a tar from a URL", async () => {
  const archive = await exported();
  using server = Bun.serve({
    port: 0,
    fetch: ({ url }) =>
      url.endsWith("/root.tar") ? new Response(archive) : new Response("", { status: 404 }),
  });
  const import_ = (path: string) => engine.images.import(new URL(path, server.url), { reference: "fetched" });
  for await (const _line of import_("/root.tar"));
  expect((await run(engine, ["cat", "/kept"], { Image: "fetched" })).stdout).toBe("kept\n");
  const missing = await streamFailure(import_("/none.tar"));
  expect(missing?.message).toContain("HTTP status 404");
  await engine.images.remove("fetched");
});

test("system.dataUsage() counts layers once, and what is shared and used", async () => {
  writeFileSync(join(at.root, "../big"), Buffer.alloc(100_000, 1));
  const context = join(at.root, "../shares");
  await Bun.write(join(context, "Dockerfile"), "FROM busybox\nCOPY big /big\n");
  await Bun.write(join(context, "big"), Buffer.alloc(100_000, 1));
  await build(engine, { context: { kind: "directory", path: context }, tags: ["shares:latest"] });
  const HostConfig = { Binds: ["used:/data"] };
  await run(engine, ["sh", "-c", "head -c 50000 /dev/zero > /data/f"], { HostConfig });
  const id = await start(engine, ["sleep", "1000"], { HostConfig });
  await engine.volumes.create({ Name: "idle" });
  const usage = await engine.system.dataUsage();
  const image = (name: string) => usage.Images?.find(({ RepoTags }) => RepoTags.includes(name));
  const base = image("busybox:latest");
  const child = image("shares:latest");
  expect(base).toMatchObject({ Containers: 1, SharedSize: base?.Size });
  expect(child?.Containers).toBe(0);
  expect((child?.Size ?? 0) - (child?.SharedSize ?? 0)).toBe(100_000);
  expect(usage.LayersSize).toBe(child?.Size);
  expect(usage.Volumes?.find(({ Name }) => Name === "used")?.UsageData?.RefCount).toBe(1);
  expect(usage.Volumes?.find(({ Name }) => Name === "used")?.UsageData?.Size).toBeGreaterThanOrEqual(50_000);
  expect(usage.Volumes?.find(({ Name }) => Name === "idle")?.UsageData?.RefCount).toBe(0);
  expect(usage.BuildCache?.map(({ Description }) => Description)).toContain("COPY big /big");
  expect(usage.BuildCache?.every(({ Shared }) => Shared)).toBe(true);
  expect(Object.keys(await engine.system.dataUsage({ types: ["volume"] }))).toEqual(["Volumes"]);
  await engine.containers.remove(id, { force: true });
});

test("GET /system/df answers as documented", async () => {
  const { status, text } = await api.call("GET", "/system/df");
  expect(status).toBe(200);
  expect(Object.keys(JSON.parse(text))).toEqual([
    "LayersSize",
    "Images",
    "Containers",
    "Volumes",
    "BuildCache",
  ]);
  expect((await api.call("GET", "/system/df?type=image&type=volume")).status).toBe(200);
  expect((await api.call("GET", "/system/df?type=nonsense")).status).toBe(400);
});

test("system df and system prune on the command line", async () => {
  const df = await slip("system", "df");
  expect(df.stdout.split("\n")[0]).toBe("TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE");
  expect(df.stdout).toMatch(/^Images +\d+ +\d+ +\S+ +\S+ \(\d+%\)$/m);
  const details = await slip("system", "df", "-v");
  expect(details.stdout).toContain("Images space usage:\n\nREPOSITORY");
  expect(details.stdout).toContain("Build cache usage: ");
  const refused = await slip("system", "prune", "--volumes", "--filter", "until=1h", "-f");
  expect(refused).toMatchObject({ code: 1 });
  const asked = await slip("system", "prune");
  expect(asked.stdout).toContain("WARNING! This will remove:\n  - all stopped containers\n");
  expect(asked.code).toBe(1);
  const { id } = await run(engine, ["true"], { HostConfig: { AutoRemove: false } });
  const kept = await slip("system", "prune", "-f", "--filter", "until=1h");
  expect(kept.stdout).not.toContain(id);
  const pruned = await slip("system", "prune", "-af");
  expect(pruned.stdout).toContain(`Deleted Containers:\n${id}\n\n`);
  expect(pruned.stdout).toContain("untagged: shares:latest");
  expect(pruned.stdout).toMatch(/Total reclaimed space: \S+\n$/);
  expect((await engine.system.check()).problems).toEqual([]);
  expect((await engine.system.dataUsage()).BuildCache).toEqual([]);
  await makeBusyboxAgain();
});

async function makeBusyboxAgain(): Promise<void> {
  const path = join(at.root, "../busybox");
  await build(engine, { context: { kind: "directory", path }, tags: ["busybox:latest"] });
}

test("images.search() looks into a registry's catalog", async () => {
  const name = `${registry.host}/team/finder`;
  await engine.images.tag("busybox", `${name}:1`);
  for await (const _line of engine.images.push(`${name}:1`));
  const found = await engine.images.search(`${registry.host}/find`);
  expect(found).toEqual([
    { name: "team/finder", description: "", star_count: 0, is_official: false, is_automated: false },
  ]);
  expect(await engine.images.search(`${registry.host}/nothing-of-the-kind`)).toEqual([]);
  const official = { filters: { "is-official": ["true"] } };
  expect(await engine.images.search(`${registry.host}/find`, official)).toEqual([]);
  expect((await failure(engine.images.search("x", { limit: 101 })))?.message).toBe(
    "limit 101 is outside the range of [1, 100]",
  );
  expect((await failure(engine.images.search("https://x")))?.message).toContain("should not have a scheme");
  expect((await failure(engine.images.search("localhost:1/x")))?.code).toBe("unavailable");
  expect((await api.call("GET", `/images/search?term=${registry.host}/find&limit=3`)).status).toBe(200);
});

test("images.search() reads what an index with descriptions answers", async () => {
  const results = [
    { name: "few", description: "d", star_count: 1, is_official: false },
    { name: "many", description: "", star_count: 9, is_official: true },
  ];
  using server = Bun.serve({
    port: 0,
    fetch: ({ url }) => {
      const { pathname, searchParams } = new URL(url);
      if (pathname === "/v2/") return new Response("{}");
      if (pathname === "/v1/search" && searchParams.get("q") === "app") return Response.json({ results });
      return new Response("", { status: 404 });
    },
  });
  const found = await engine.images.search(`localhost:${server.port}/app`);
  expect(found.map(({ name, star_count }) => [name, star_count])).toEqual([
    ["many", 9],
    ["few", 1],
  ]);
  const stars = await engine.images.search(`localhost:${server.port}/app`, { filters: { stars: ["5"] } });
  expect(stars.map(({ name }) => name)).toEqual(["many"]);
  const shown = await slip("search", `localhost:${server.port}/app`);
  expect(shown.stdout).toBe(
    "NAME      DESCRIPTION   STARS     OFFICIAL\nmany                    9         [OK]\nfew       d             1         \n",
  );
});
