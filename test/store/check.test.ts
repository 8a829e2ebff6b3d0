import { afterAll, beforeAll, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runDirectory } from "../../src/cli/paths.ts";
import type { StoreCheck, StoreProblem } from "../../src/engine/types/disk.ts";
import { mountAll } from "../../src/platform/mount-all.ts";
import { LocalRegistry } from "../registry/local-registry.ts";
import { busyboxBase, Lab, run } from "./lab.ts";

let lab: Lab;
let registry: LocalRegistry;
let pulled = "";
beforeAll(async () => {
  [lab, registry] = [await Lab.open(), await LocalRegistry.open()];
  pulled = `${registry.host}/pulled:1`;
  await lab.build(pulled, `${busyboxBase}COPY data /data\nCMD ["/bin/sh"]\n`, { data: "as it should be" });
  await lab.ok("push", "-q", pulled);
  await lab.ok("rmi", pulled);
  await lab.ok("builder", "prune", "-af");
  await lab.ok("pull", "-q", pulled);
  await lab.build("built", "FROM scratch\nCOPY own /own\n", { own: "built here" });
}, 120_000);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
}, 60_000);

async function check(...flags: string[]): Promise<StoreCheck> {
  return JSON.parse((await lab.slipway("system", "check", "--json", ...flags)).stdout) as StoreCheck;
}

/** Checks, repairs, checks again. What was found, and what is left at the end. */
async function repaired(): Promise<{ found: StoreProblem[]; done: StoreProblem[]; left: StoreProblem[] }> {
  const found = (await check()).Problems;
  expect(found.every(({ State }) => State === "found")).toBe(true);
  const done = (await check("--repair")).Problems;
  return { found, done, left: (await check()).Problems };
}

function sql<T>(statement: string, ...values: string[]): T[] {
  using db = new Database(join(lab.root, "state.db"));
  db.run("PRAGMA busy_timeout = 5000");
  return db.query(statement).all(...values) as T[];
}

interface Manifest {
  readonly digest: string;
  readonly layers: readonly { readonly digest: string }[];
}

function blobPath(digest: string): string {
  return join(lab.root, "content/blobs", digest.replace(":", "/"));
}

function manifestOf(id: string): Manifest {
  const [row] = sql<{ manifest: string }>("SELECT manifest FROM images WHERE id = ?", id);
  const { digest } = JSON.parse(row?.manifest ?? "") as { digest: string };
  const { layers } = JSON.parse(readFileSync(blobPath(digest), "utf8")) as Omit<Manifest, "digest">;
  return { digest, layers };
}

/** The directory of the topmost layer's own files. */
async function topFiles(name: string): Promise<{ path: string; chain: string }> {
  const { RootFS } = await lab.engine.images.inspect(name);
  const [row] = sql<{ id: number; chain_id: string }>(
    "SELECT s.id, l.chain_id FROM layers l JOIN snapshots s ON s.key = l.snapshot WHERE l.diff_id = ?",
    RootFS.Layers.at(-1) ?? "",
  );
  return { path: join(lab.root, `snapshots/${row?.id}/fs`), chain: row?.chain_id ?? "" };
}

async function idOf(name: string): Promise<string> {
  return (await lab.engine.images.inspect(name)).Id;
}

const runs = async () => (await lab.ok("run", "--rm", pulled, "/bin/cat", "/data")).trim();

test("system check of a whole store finds nothing and says what it looked at", async () => {
  const { Checked, Problems } = await check();
  expect(Problems).toEqual([]);
  expect(Checked.Images).toBe(2);
  expect(Checked.Layers).toBe(4);
  expect(await lab.ok("system", "check")).toMatch(/^Checked \d+ blobs, 4 layers, .*: the store is whole\n$/);
});

test("system check --repair drops a damaged blob, and its image goes on with its unpacked files", async () => {
  const id = await idOf(pulled);
  const layer = manifestOf(id).layers.at(-1)?.digest ?? "";
  const bytes = readFileSync(blobPath(layer));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(blobPath(layer), bytes);
  const { found, done, left } = await repaired();
  expect(found.map(({ Kind }) => Kind)).toEqual(["blob"]);
  expect(found[0]?.What).toContain(layer);
  expect(done.map(({ Kind, State }) => `${Kind} ${State}`)).toEqual(["blob repaired", "image repaired"]);
  expect(left).toEqual([]);
  expect(await runs()).toEndWith("as it should be");
  await lab.ok("save", "-o", lab.path("saved.tar"), pulled);
  await lab.ok("pull", "-q", pulled);
  expect((await check()).Problems).toEqual([]);
  expect(existsSync(blobPath(layer))).toBe(true);
});

test("system check --repair writes a lost config from its record, and a lost manifest anew", async () => {
  const id = await idOf(pulled);
  rmSync(blobPath(id));
  const config = await repaired();
  expect(config.found.map(({ What }) => What)).toEqual([
    `Image "${pulled}" (${id.slice(7, 19)}): its config is missing`,
  ]);
  expect(config.left).toEqual([]);
  rmSync(blobPath(manifestOf(id).digest));
  const manifest = await repaired();
  expect(manifest.found.map(({ Kind, Repair }) => [Kind, Repair !== ""])).toEqual([["image", true]]);
  expect(manifest.left).toEqual([]);
  expect(await idOf(pulled)).toBe(id);
  await lab.ok("pull", "-q", pulled);
  expect(await runs()).toEndWith("as it should be");
});

test("system check --repair unpacks a layer again whose files were changed, or are gone", async () => {
  const { path, chain } = await topFiles(pulled);
  writeFileSync(join(path, "data"), "as it shoulD be");
  const changed = await repaired();
  expect(changed.found.map(({ What }) => What)).toEqual([
    `Layer "${chain}" of ${pulled}: "/data" has another content`,
  ]);
  expect(changed.left).toEqual([]);
  expect(await runs()).toEndWith("as it should be");
  writeFileSync(join(path, "intruder"), "");
  const more = await repaired();
  expect(more.found[0]?.What).toContain('"/intruder" does not belong there');
  expect(existsSync(join(path, "intruder"))).toBe(false);
  rmSync(join(path, ".."), { recursive: true });
  const gone = await repaired();
  expect(gone.found.map(({ What }) => What)).toEqual([`Layer "${chain}" of ${pulled}: its files are gone`]);
  expect(gone.left).toEqual([]);
  expect(await runs()).toEndWith("as it should be");
});

test("system check leaves the files of a running container alone", async () => {
  const { path } = await topFiles(pulled);
  await lab.ok("run", "-d", "--name", "holder", pulled, "/bin/sleep", "60");
  writeFileSync(join(path, "data"), "changed!");
  const { done } = await repaired();
  expect(done.map(({ Repair, Advice }) => [Repair, Advice])).toEqual([
    ["", expect.stringContaining("stop the containers")],
  ]);
  await lab.ok("rm", "-f", "holder");
  expect((await repaired()).left).toEqual([]);
});

test("system check tells of a layer that is damaged and stored nowhere else", async () => {
  const { path, chain } = await topFiles("built");
  const before = readFileSync(join(path, "own"));
  writeFileSync(join(path, "own"), "BUILT HERE");
  const { done, left } = await repaired();
  expect(left).toHaveLength(1);
  expect(done[0]).toMatchObject({
    Repair: "",
    Advice: expect.stringContaining("remove its images"),
    State: "found",
  });
  expect(done[0]?.What).toContain(chain);
  writeFileSync(join(path, "own"), before);
  const { code, stdout } = await lab.slipway("system", "check");
  // The file's time is another one now, and a layer is its times as well.
  expect([code, stdout.includes(chain)]).toEqual([1, true]);
  await lab.ok("rmi", "-f", "built");
  await lab.ok("builder", "prune", "-af");
  expect((await check()).Problems).toEqual([]);
});

test("system check --repair removes what belongs to nobody, and leaves what is none of its own", async () => {
  mkdirSync(join(lab.root, "snapshots/9999/fs/deep"), { recursive: true });
  mkdirSync(join(lab.root, "containers", "f".repeat(64)), { recursive: true });
  writeFileSync(join(lab.root, "content/blobs/sha256/no-digest"), "x");
  writeFileSync(join(lab.root, "stranger"), "x");
  const { found, left } = await repaired();
  expect(found.map(({ Kind }) => Kind)).toEqual(["leftover", "leftover", "leftover", "leftover"]);
  expect(left.map(({ What }) => What)).toEqual(['"stranger" is nothing of the engine\'s']);
  expect(existsSync(join(lab.root, "snapshots/9999"))).toBe(false);
  rmSync(join(lab.root, "stranger"));
});

test("system check --repair unmounts what no running container has", async () => {
  const target = join(runDirectory(lab.root, process.env), "containers", "e".repeat(64), "rootfs");
  const mount = mountAll([{ type: "tmpfs", source: "tmpfs", options: [] }], target);
  try {
    const { found, left } = await repaired();
    expect(found.map(({ Kind, What }) => [Kind, What.includes(target)])).toEqual([["mount", true]]);
    expect(left).toEqual([]);
    expect((await run(["mountpoint", "-q", target])).code).not.toBe(0);
  } finally {
    await mount[Symbol.asyncDispose]();
  }
});

test("system check --repair finds volumes without data, and data without a volume", async () => {
  await lab.ok("volume", "create", "empty");
  rmSync(join(lab.root, "volumes/empty"), { recursive: true });
  mkdirSync(join(lab.root, "volumes/found/_data"), { recursive: true });
  writeFileSync(join(lab.root, "volumes/found/_data/precious"), "kept");
  const { found, left } = await repaired();
  expect(found.map(({ Kind }) => Kind)).toEqual(["volume", "volume"]);
  expect(left).toEqual([]);
  const { Mountpoint } = await lab.engine.volumes.inspect("found");
  expect(readFileSync(join(Mountpoint, "precious"), "utf8")).toBe("kept");
});

test("system check --repair forgets records that name what is not there", async () => {
  await lab.build("cached", `${busyboxBase}RUN echo 1 > /one\n`);
  await lab.ok("rmi", "cached");
  const steps = sql<{ snapshot: string; id: number }>(
    "SELECT b.snapshot, s.id FROM build_cache b JOIN snapshots s ON s.key = b.snapshot ORDER BY s.id DESC",
  );
  rmSync(join(lab.root, `snapshots/${steps[0]?.id}`), { recursive: true });
  sql("UPDATE build_cache SET snapshot = 'nowhere' WHERE snapshot = ?", steps[1]?.snapshot ?? "");
  sql(
    "INSERT INTO layers (chain_id, diff_id, snapshot, size) VALUES ('x', ?, 'gone', 1)",
    `sha256:${"1".repeat(64)}`,
  );
  sql(
    "INSERT INTO compressed (digest, diff_id, media_type, size) VALUES (?, ?, 'x', 1)",
    `sha256:${"2".repeat(64)}`,
    `sha256:${"1".repeat(64)}`,
  );
  const { found, left } = await repaired();
  expect(found.map(({ Kind }) => Kind).sort()).toEqual(["blob", "build-cache", "layer", "layer"]);
  expect(left).toEqual([]);
  await lab.build("cached", `${busyboxBase}RUN echo 1 > /one\n`);
  expect((await check()).Problems).toEqual([]);
});

test("system check tells of a container whose writable layer is gone", async () => {
  await lab.ok("create", "--name", "hollow", pulled);
  const [row] = sql<{ id: number }>("SELECT id FROM snapshots WHERE kind = 'active'");
  await lab.whileDown(() => rmSync(join(lab.root, `snapshots/${row?.id}`), { recursive: true }));
  const { left } = await repaired();
  expect(left.map(({ Kind, Advice }) => [Kind, Advice])).toEqual([["container", "remove the container"]]);
  await lab.ok("rm", "hollow");
  expect((await check()).Problems).toEqual([]);
});

test("what needs a layer whose files are gone says so before it sends anything", async () => {
  await lab.build("gone", `${busyboxBase}RUN echo gone > /gone\n`);
  const { path } = await topFiles("gone");
  rmSync(join(path, ".."), { recursive: true });
  for (const words of [
    ["save", "-o", lab.path("gone.tar"), "gone"],
    ["run", "--rm", "gone", "/bin/true"],
    ["image", "layers", "gone"],
  ])
    expect((await lab.slipway(...words)).stderr).toContain("are gone from the disk");
  await lab.ok("rmi", "gone");
  await lab.ok("builder", "prune", "-af");
  expect((await check()).Problems).toEqual([]);
});

test("system check --repair makes a container's layer again that went while the engine runs", async () => {
  await lab.ok("create", "--name", "hollow", pulled, "/bin/cat", "/data");
  const [row] = sql<{ id: number }>("SELECT id FROM snapshots WHERE kind = 'active'");
  rmSync(join(lab.root, `snapshots/${row?.id}`), { recursive: true });
  expect((await lab.slipway("start", "hollow")).stderr).toContain("are gone from the disk");
  writeFileSync(join(lab.root, "containers/notes"), "mine");
  const { found, left } = await repaired();
  expect(found.map(({ Kind }) => Kind)).toEqual(["container", "leftover"]);
  expect(left.map(({ What }) => What)).toEqual(['"containers/notes" belongs to no container']);
  rmSync(join(lab.root, "containers/notes"));
  expect(await lab.ok("start", "-a", "hollow")).toEndWith("as it should be");
  await lab.ok("rm", "hollow");
  expect((await check()).Problems).toEqual([]);
});

test("a store that lost files while its engine was down is whole again after the next pull", async () => {
  const { path } = await topFiles(pulled);
  await lab.whileDown(() => rmSync(join(path, ".."), { recursive: true }));
  expect((await check()).Problems).toEqual([]);
  expect(await runs()).toEndWith("as it should be");
});
