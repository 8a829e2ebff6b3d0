import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { digestOf, splitDigest, type Digest } from "../../../oci/digest.ts";
import { mediaTypes } from "../../../oci/media-types.ts";
import { FilesystemDriver } from "../filesystem-driver.ts";
import { keys } from "../keys.ts";
import { createRegistry } from "../registry.ts";
import { TempRegistry } from "../testing/temp-registry.ts";
import { collectGarbage, type CollectOptions } from "./collect.ts";
import { scrubBlobs } from "./scrub.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** Collects as if `later` milliseconds had passed. */
async function collect(registry: TempRegistry, options: Partial<CollectOptions> & { later: number }) {
  const now = new Date(Date.now() + options.later);
  return await collectGarbage(new FilesystemDriver(registry.root), { graceMs: hour, now, ...options });
}

const status = async (registry: TempRegistry, path: string) =>
  (await registry.call("GET", `/v2/${path}`)).status;

/** An image that shares no blob with others. */
async function image(registry: TempRegistry, repository: string, reference: string, extra: object = {}) {
  const layer = await registry.blob(repository, `layer of ${repository}:${reference}`);
  return { layer, ...(await registry.image(repository, reference, { annotations: { layer }, ...extra })) };
}

test("collectGarbage() takes what no manifest names once the grace is over, and nothing else", async () => {
  await using registry = await TempRegistry.open();
  const { digest } = await registry.image("team/app", "v1");
  const loose = await registry.blob("team/app", "nobody wants this");
  expect(await collect(registry, { later: 0 })).toMatchObject({ links: [], blobs: [] });
  const dry = await collect(registry, { later: 2 * hour, dryRun: true });
  expect(dry).toMatchObject({ links: [`team/app@${loose}`], blobs: [loose], bytes: 17 });
  expect(await status(registry, `team/app/blobs/${loose}`)).toBe(200);
  expect(await collect(registry, { later: 2 * hour })).toEqual(dry);
  expect(await status(registry, `team/app/blobs/${loose}`)).toBe(404);
  expect(await status(registry, `team/app/manifests/${digest}`)).toBe(200);
  expect(await status(registry, `team/app/blobs/${digestOf("layer")}`)).toBe(200);
  expect(await readdir(join(registry.root, "condemned"))).toEqual([]);
  await registry.blob("team/app", "nobody wants this");
  expect(await status(registry, `team/app/blobs/${loose}`)).toBe(200);
});

test("collectGarbage() keeps bytes that another repository links", async () => {
  await using registry = await TempRegistry.open();
  await registry.image("a", "v1");
  await registry.blob("b", "layer");
  const report = await collect(registry, { later: 2 * hour });
  expect(report).toMatchObject({ links: [`b@${digestOf("layer")}`], blobs: [], problems: [] });
  expect(await status(registry, `a/blobs/${digestOf("layer")}`)).toBe(200);
});

test("collectGarbage() keeps a blob that a push was told is there", async () => {
  await using registry = await TempRegistry.open();
  const blob = await registry.blob("a", "asked for");
  const old = new Date(Date.now() - 2 * hour);
  const { hex } = splitDigest(blob);
  await utimes(join(registry.root, `repositories/a/_blobs/sha256/${hex}`), old, old);
  expect((await registry.call("HEAD", `/v2/a/blobs/${blob}`)).status).toBe(200);
  expect((await collect(registry, { later: 0 })).links).toEqual([]);
  await utimes(join(registry.root, `repositories/a/_blobs/sha256/${hex}`), old, old);
  expect((await collect(registry, { later: 0 })).links).toEqual([`a@${blob}`]);
});

test("collectGarbage() expires tags by rules: the last N, by age, by pattern", async () => {
  await using registry = await TempRegistry.open();
  const names = ["pr-1", "pr-2", "pr-3", "v1", "v2"];
  for (const [index, name] of names.entries()) {
    await image(registry, "team/app", name);
    const time = new Date(Date.now() - (10 - index) * day);
    await utimes(join(registry.root, keys.tag("team/app", name)), time, time);
  }
  await image(registry, "other", "pr-1");
  const rules = [
    { repositories: "team/*", tags: "pr-*", keepLast: 1 },
    { repositories: "**", tags: "v*" },
    { repositories: "**", keepWithinMs: day },
  ];
  const report = await collect(registry, { later: 2 * hour, rules });
  expect(report.tags.sort()).toEqual(["team/app:pr-1", "team/app:pr-2"]);
  expect(report.manifests).toHaveLength(2);
  expect(report.blobs).toHaveLength(4);
  const { tags } = (await (await registry.call("GET", "/v2/team/app/tags/list")).json()) as {
    tags: string[];
  };
  expect(tags).toEqual(["pr-3", "v1", "v2"]);
});

test("collectGarbage() never takes what an index lists, and takes it with the index and its referrers", async () => {
  await using registry = await TempRegistry.open();
  const child = await image(registry, "a", "child");
  const size = child.bytes.length;
  const descriptor = { mediaType: mediaTypes.ociManifest, digest: child.digest, size };
  const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [descriptor] });
  await registry.manifest("a", "all", index, mediaTypes.ociIndex);
  const subject = { mediaType: mediaTypes.ociIndex, digest: digestOf(index), size: index.length };
  const signature = await registry.image("a", undefined, { subject, artifactType: "a/signature" });
  await registry.call("DELETE", "/v2/a/manifests/child");
  const untagged = [{ repositories: "**", untaggedAfterMs: 0 }];
  expect(await collect(registry, { later: day, rules: untagged })).toMatchObject({
    manifests: [],
    links: [],
  });
  expect(await status(registry, `a/blobs/${child.layer}`)).toBe(200);
  const expire = [{ repositories: "**", tags: "all", keepWithinMs: hour }];
  const report = await collect(registry, { later: day, rules: expire });
  expect(report.tags).toEqual(["a:all"]);
  expect(report.manifests.sort()).toEqual(
    [child.digest, digestOf(index), signature.digest].map((digest) => `a@${digest}`).sort(),
  );
  expect(await status(registry, `a/referrers/${digestOf(index)}`)).toBe(200);
  const left = await (await registry.call("GET", `/v2/a/referrers/${digestOf(index)}`)).json();
  expect((left as { manifests: unknown[] }).manifests).toEqual([]);
});

test("collectGarbage() puts back what a run that was cut short had condemned and somebody links", async () => {
  await using registry = await TempRegistry.open();
  const storage = new FilesystemDriver(registry.root);
  const { digest } = await registry.image("a", "v1");
  const orphan = digestOf("orphan");
  await storage.put(keys.condemnedBlob(orphan), "orphan");
  await storage.move(keys.blob(digestOf("layer")), keys.condemnedBlob(digestOf("layer")));
  expect((await collect(registry, { later: 0 })).blobs).toEqual([orphan]);
  expect(await status(registry, `a/blobs/${digestOf("layer")}`)).toBe(200);
  expect(await status(registry, `a/manifests/${digest}`)).toBe(200);
});

/** Does something once, just before the first change of a key that matches. */
class InterruptedDriver extends FilesystemDriver {
  #interrupt: (() => Promise<unknown>) | undefined;
  #at: RegExp | undefined;

  interrupt(at: RegExp, work: () => Promise<unknown>): void {
    this.#at = at;
    this.#interrupt = work;
  }

  override async put(key: string, data: Uint8Array | string): Promise<void> {
    await this.#change(key);
    await super.put(key, data);
  }

  override async delete(key: string): Promise<boolean> {
    await this.#change(key);
    return await super.delete(key);
  }

  async #change(key: string): Promise<void> {
    const work = this.#at?.test(key) === true ? this.#interrupt : undefined;
    if (work === undefined) return;
    this.#interrupt = undefined;
    await work();
  }
}

const everythingUntagged = { rules: [{ repositories: "**", untaggedAfterMs: 0 }] };

test("collectGarbage() keeps the blobs of a manifest that it took and a push brought back", async () => {
  await using registry = await TempRegistry.open();
  const { digest, bytes, layer } = await image(registry, "a", "v1");
  await registry.call("DELETE", "/v2/a/manifests/v1");
  const storage = new InterruptedDriver(registry.root);
  storage.interrupt(/a\/_blobs/, async () => {
    expect((await registry.manifest("a", "v2", bytes)).status).toBe(201);
  });
  const now = new Date(Date.now() + day);
  await collectGarbage(storage, { graceMs: hour, now, ...everythingUntagged });
  expect(await status(registry, `a/manifests/${digest}`)).toBe(200);
  expect(await status(registry, `a/blobs/${layer}`)).toBe(200);
});

test("PUT of a manifest that is collected before its tag is set leaves it whole, or nothing of it", async () => {
  await using registry = await TempRegistry.open();
  const storage = new InterruptedDriver(registry.root);
  const push = createRegistry({ storage });
  const layer = digestOf("layer");
  const put = async () => {
    const { digest, bytes } = await registry.image("a", "v1");
    await registry.call("DELETE", "/v2/a/manifests/v1");
    storage.interrupt(/a\/_tags/, async () => await collect(registry, { later: day, ...everythingUntagged }));
    const init = { method: "PUT", headers: { "content-type": mediaTypes.ociManifest }, body: bytes };
    const answer = await push(new Request("http://registry.test/v2/a/manifests/v2", init));
    const paths = ["manifests/v2", `manifests/${digest}`, `blobs/${layer}`];
    return [answer.status, ...(await Promise.all(paths.map((path) => status(registry, `a/${path}`))))];
  };
  expect(await put()).toEqual([404, 404, 404, 404]);
  // With the bytes still there, for another repository, the push makes it whole.
  await registry.image("b", "v1");
  expect(await put()).toEqual([201, 200, 200, 200]);
});

test("scrubBlobs() puts corrupt blobs aside: they are not served, and may be pushed anew", async () => {
  await using registry = await TempRegistry.open();
  await registry.image("a", "v1");
  const good = await registry.blob("a", "good");
  const bad = await registry.blob("a", "bad");
  await Bun.write(join(registry.root, keys.blob(bad)), "BAD");
  const storage = new FilesystemDriver(registry.root);
  const report = await scrubBlobs(storage, { bytesPerSecond: 1e6 });
  expect(report).toMatchObject({ checked: 5, corrupt: [bad] });
  expect([await status(registry, `a/blobs/${good}`), await status(registry, `a/blobs/${bad}`)]).toEqual([
    200, 404,
  ]);
  await registry.blob("a", "bad");
  expect(await status(registry, `a/blobs/${bad}`)).toBe(200);
  expect((await scrubBlobs(storage)).corrupt satisfies Digest[]).toEqual([]);
});
