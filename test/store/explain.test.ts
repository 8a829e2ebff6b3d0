import { afterAll, beforeAll, expect, test } from "bun:test";
import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DiskExplanation } from "../../src/engine/types/disk.ts";
import { LocalRegistry } from "../registry/local-registry.ts";
import { busyboxBase, Lab, run } from "./lab.ts";

let lab: Lab;
let registry: LocalRegistry;
beforeAll(async () => {
  [lab, registry] = [await Lab.open(), await LocalRegistry.open()];
}, 60_000);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
}, 60_000);

async function du(): Promise<number> {
  return Number((await run(["du", "-s", "--block-size=1", lab.root])).stdout.split("\t")[0]);
}

/** What it says, taken while nothing changed: the files of the database grow when the engine writes. */
async function explained(): Promise<DiskExplanation> {
  for (let tries = 0; ; tries += 1) {
    const before = await du();
    const explanation = await lab.engine.store.explain();
    const after = await du();
    if (before !== after && tries < 10) continue;
    expect(explanation.Total).toBe(after);
    return explanation;
  }
}

function owners(explanation: DiskExplanation, category: string): string[] {
  return (
    explanation.Categories.find(({ Category }) => Category === category)?.Owners.map((o) => o.Owner) ?? []
  );
}

test("explain() of an engine that has nothing sums up to what du says", async () => {
  const explanation = await explained();
  expect(explanation.Root).toBe(lab.root);
  expect(explanation.Categories.map(({ Category }) => Category).sort()).toEqual([
    "database",
    "engine",
    "logs",
  ]);
  expect(owners(explanation, "logs")).toEqual(["engine"]);
});

test("explain() names the owner of every byte, to the byte of what du says", async () => {
  await lab.build("one", `${busyboxBase}COPY a /a\nCMD ["/bin/sleep", "60"]\n`, { a: 300_000 });
  await lab.build("two", `${busyboxBase}COPY a /a\nCOPY b /b\n`, { a: 300_000, b: 200_000 });
  await lab.build("three", `${busyboxBase}RUN echo x > /gone\nRUN echo y > /more\n`);
  await lab.ok("tag", "one", `${registry.host}/one:1`);
  await lab.ok("push", "-q", `${registry.host}/one:1`);
  await lab.ok("rmi", "three");
  await lab.engine.volumes.create({ Name: "data" });
  const [id] = [(await lab.ok("run", "-d", "-v", "data:/data", "--name", "writer", "one")).trim()];
  const script = "echo written > /data/file; head -c 500000 /dev/zero > /file; echo said";
  await lab.ok("run", "--name", "talker", "one", "/bin/sh", "-c", script);
  mkdirSync(join(lab.root, "snapshots/9999/fs"), { recursive: true });
  writeFileSync(join(lab.root, "snapshots/9999/fs/lost"), Buffer.alloc(70_000));
  writeFileSync(join(lab.root, "stranger"), Buffer.alloc(5000));
  linkSync(join(lab.root, "stranger"), join(lab.root, "stranger-too"));
  const explanation = await explained();
  const sum = explanation.Categories.reduce((total, { Bytes }) => total + Bytes, 0);
  expect(sum).toBe(explanation.Total);
  for (const { Bytes, Owners } of explanation.Categories) {
    expect(Owners.reduce((total, owner) => total + owner.Bytes, 0)).toBe(Bytes);
  }
  expect(owners(explanation, "image-layers").sort()).toEqual([
    expect.stringMatching(/^shared by .*one:1, .*two:latest$/),
    "two:latest",
  ]);
  expect(owners(explanation, "build-cache")).toContain("steps");
  expect(owners(explanation, "containers").sort()).toEqual([
    expect.stringMatching(/^talker \([0-9a-f]{12}\)$/),
    `writer (${id?.slice(0, 12)})`,
  ]);
  expect(owners(explanation, "logs")).toEqual(expect.arrayContaining(["engine", "events"]));
  expect(owners(explanation, "logs")).toHaveLength(4);
  expect(owners(explanation, "volumes")).toContain("data");
  expect(owners(explanation, "blobs").length).toBeGreaterThan(0);
  expect(owners(explanation, "unreferenced")).toEqual(["snapshots"]);
  expect(owners(explanation, "foreign")).toEqual([expect.stringMatching(/^stranger/)]);
  const table = await lab.ok("system", "df", "--explain");
  expect(table).toMatch(/\nVolumes +[\d.]+kB +\d+ +slipway volume rm/);
  expect(table).toContain("as du -s --block-size=1");
  expect((await lab.json<DiskExplanation>("system", "df", "--explain", "--format", "json")).Root).toBe(
    lab.root,
  );
  const talker = explanation.Categories.find(({ Category }) => Category === "containers")?.Owners[0];
  expect(talker?.Bytes).toBeGreaterThan(500_000);
}, 60_000);

test("explain() counts while pulls, builds and removals go on", async () => {
  const work = Promise.all([
    lab.build("busy", `${busyboxBase}RUN head -c 3000000 /dev/zero > /zero\n`),
    lab.ok("pull", "-q", `${registry.host}/one:1`),
    lab.ok("rmi", "two"),
  ]);
  for (let count = 0; count < 5; count += 1) {
    expect((await lab.engine.store.explain()).Total).toBeGreaterThan(0);
  }
  await work;
  await explained();
}, 60_000);
