import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copy } from "../../src/image/copy.ts";
import { OciLayout } from "../../src/build/transfer/oci-layout.ts";
import type { BuildRequest } from "../../src/build/builder.ts";
import { BuildHarness, outcomes, output, type Built } from "./harness.ts";

setDefaultTimeout(60_000);

let first: BuildHarness;
/** Has the base, and nothing else in common with the first. */
let cold: BuildHarness;
let place = "";

beforeAll(async () => {
  first = await BuildHarness.open();
  cold = await BuildHarness.open();
  place = first.directory("caches");
});

afterAll(async () => {
  await first[Symbol.asyncDispose]();
  await cold[Symbol.asyncDispose]();
});

/** A build with a stage of its own, and a step that says when it runs. */
function request(harness: BuildHarness, name: string, more: Partial<BuildRequest> = {}): BuildRequest {
  const path = harness.directory(name);
  mkdirSync(join(path, "src"), { recursive: true });
  writeFileSync(join(path, "src/a"), name);
  const text = [
    "FROM busybox AS made",
    "COPY src /src",
    `RUN --mount=type=cache,id=${name},target=/box --mount=type=secret,id=s,required=false echo made ${name} && cat /src/a > /out`,
    "FROM busybox",
    "COPY --from=made /out /out",
    `RUN echo ran ${name} && cat /out > /again`,
  ].join("\n");
  return { context: { kind: "directory", path }, dockerfile: { text }, ...more };
}

function missed({ events }: Built): string[] {
  return [...outcomes(events)]
    .filter(([name, { cached }]) => !cached && !name.startsWith("[internal]"))
    .map(([name]) => name);
}

test("--cache-to type=local,mode=max and --cache-from: a cold engine has all hits, runs nothing, and makes the same image", async () => {
  const local = { type: "local", path: join(place, "max") } as const;
  const made = await first.build(request(first, "max", { cacheTo: [{ ...local, mode: "max" }] }));
  const built = await cold.build(request(cold, "max", { cacheFrom: [local] }));
  expect(missed(built)).toEqual([]);
  expect(output(built.events)).toBe("");
  expect(built.result.imageID).toBe(made.result.imageID);
  // From now on it has no need of the cache.
  const again = await cold.build(request(cold, "max"));
  const last = [...outcomes(again.events)].find(([name]) => name.includes("echo ran max"));
  expect(last?.[1].cached).toBe(true);
});

test("a dry run counts what a cache has as hits, and fetches none of it", async () => {
  const local = { type: "local", path: join(place, "dry") } as const;
  await first.build(request(first, "dry", { cacheTo: [{ ...local, mode: "max" }] }));
  const dry = async (more: Partial<BuildRequest>): Promise<string[]> => {
    const { steps } = await cold.builder.dryRun(request(cold, "dry", more), {
      cacheRegistry: () => {
        throw new Error("No registry");
      },
      resolveImage: (reference) => Promise.resolve({ manifest: cold.images.get(reference).manifest }),
    });
    return steps.map(({ outcome }) => outcome);
  };
  expect(await dry({})).toContain("run");
  expect(new Set(await dry({ cacheFrom: [local] }))).toEqual(new Set(["hit"]));
  expect(await dry({})).toContain("run");
});

test("--cache-to mode=min has the steps of the image alone, which is enough for the same build", async () => {
  const local = { type: "local", path: join(place, "min"), tag: "t" } as const;
  const made = await first.build(request(first, "min", { cacheTo: [local] }));
  const built = await cold.build(request(cold, "min", { cacheFrom: [local] }));
  expect(missed(built)).toEqual([]);
  expect(output(built.events)).toBe("");
  expect(built.result.imageID).toBe(made.result.imageID);
  const blobs = (name: string): number => readdirSync(join(place, name, "blobs/sha256")).length;
  expect(blobs("min")).toBeLessThan(blobs("max"));
});

test("a cache that was read goes on to the next place, also what nobody needed of it", async () => {
  const [from, to] = ["relay-1", "relay-2"].map(
    (name) => ({ type: "local", path: join(place, name) }) as const,
  );
  if (from === undefined || to === undefined) throw new Error();
  await first.build(request(first, "relay", { cacheTo: [{ ...from, mode: "max" }] }));
  await cold.build(request(cold, "relay", { cacheFrom: [from], cacheTo: [{ ...to, mode: "max" }] }));
  const records = async (layout: string): Promise<string[]> => {
    using opened = await OciLayout.open(layout);
    const blobs = readdirSync(join(layout, "blobs/sha256")).map((name) => join(layout, "blobs/sha256", name));
    expect(await opened.resolve("latest")).toBeDefined();
    const config = blobs
      .map((file) => readFileSync(file))
      .find((bytes) => bytes.includes("vnd.slipway.buildcache"));
    const document = JSON.parse(String(config)) as Record<string, { records: { key: string }[] }>;
    return document["vnd.slipway.buildcache.v1"]?.records.map(({ key }) => key).sort() ?? [];
  };
  expect(await records(to.path)).toEqual(await records(from.path));
});

test("--cache-to type=inline: an image carries the keys of its own steps", async () => {
  const made = await first.build(
    request(first, "inline", { cacheTo: [{ type: "inline" }], tags: ["inline:latest"] }),
  );
  using layout = await OciLayout.open(join(place, "inline"), { create: true });
  const { manifest } = first.images.get("inline:latest");
  using lease = first.leases.create("test");
  await copy(first.images, await first.compressor.forPush(manifest, { lease }), layout, "latest");
  const from = { type: "local", path: join(place, "inline") } as const;
  const built = await cold.build(
    request(cold, "inline", { cacheFrom: [from], cacheTo: [{ type: "inline" }] }),
  );
  expect(missed(built)).toEqual([]);
  expect(output(built.events)).toBe("");
  expect(built.result.imageID).toBe(made.result.imageID);
});

test("--cache-to mounts=…: contents of cache mounts travel by ID on request, and fill those that are new", async () => {
  const at = { type: "local", path: join(place, "mounts") } as const;
  const build = (harness: BuildHarness, line: string, more: Partial<BuildRequest>): Promise<Built> =>
    harness.build({
      context: { kind: "empty" },
      dockerfile: { text: `FROM busybox\nRUN --mount=type=cache,id=box,target=/box ${line}\n` },
      ...more,
    });
  await build(first, "mkdir -p /box/dir && echo packed > /box/dir/file && chmod 700 /box/dir", {
    cacheTo: [{ ...at, mounts: ["box", "unknown"] }],
  });
  const read = "cat /box/dir/file && stat -c %a /box/dir";
  const without = await build(cold, `${read} || echo none`, {});
  expect(output(without.events)).toContain("none");
  rmSync(join(cold.root, "cache-mounts"), { recursive: true });
  mkdirSync(join(cold.root, "cache-mounts"));
  const filled = await build(cold, `${read} && echo full`, { cacheFrom: [at] });
  expect(output(filled.events)).toContain("packed\n700\nfull");
  const all = { type: "local", path: join(place, "all-mounts"), mounts: "all" } as const;
  await build(cold, `${read} && echo full`, { cacheTo: [all] });
  expect(readdirSync(join(all.path, "blobs/sha256")).length).toBeGreaterThan(3);
});

test("a cache holds no secret, no argument's value and no file name", async () => {
  const path = join(place, "secret");
  const secrets = { s: Buffer.from("hunter2-secret").toString("base64") };
  const text =
    'FROM busybox\nARG TOKEN\nRUN --mount=type=secret,id=s test -n "$TOKEN" && cat /run/secrets/s > /dev/null\n';
  const buildArgs = { TOKEN: "argument-value" };
  const cacheTo = [{ type: "local", path, mode: "max", mounts: "all", compression: "uncompressed" }] as const;
  await first.build({ context: { kind: "empty" }, dockerfile: { text }, secrets, buildArgs, cacheTo });
  for (const name of readdirSync(join(path, "blobs/sha256"))) {
    const bytes = readFileSync(join(path, "blobs/sha256", name));
    for (const word of ["hunter2-secret", "argument-value", "TOKEN"])
      expect(bytes.includes(word)).toBe(false);
  }
});

test("a cache that is missing, or damaged, is told of and costs the hits alone", async () => {
  const none = await cold.build(
    request(cold, "none", { cacheFrom: [{ type: "local", path: join(place, "nothing") }] }),
  );
  expect(none.result.warnings).toEqual([]);
  expect(
    none.events.filter(({ type }) => type === "warning").map((event) => "text" in event && event.text),
  ).toEqual([expect.stringContaining(`Cannot use the cache "${join(place, "nothing")}": could not read`)]);
  const local = { type: "local", path: join(place, "damaged") } as const;
  const made = await first.build(
    request(first, "damaged", { cacheTo: [{ ...local, mode: "max", compression: "gzip" }] }),
  );
  const blobs = join(local.path, "blobs/sha256");
  for (const name of readdirSync(blobs))
    if (readFileSync(join(blobs, name))[0] === 0x1f) writeFileSync(join(blobs, name), "damaged");
  const built = await cold.build(request(cold, "damaged", { cacheFrom: [local] }));
  expect(output(built.events)).toContain("the cache could not be used");
  expect(output(built.events)).toContain("ran damaged");
  expect(built.config.rootfs.diff_ids.length).toBe(made.config.rootfs.diff_ids.length);
});
