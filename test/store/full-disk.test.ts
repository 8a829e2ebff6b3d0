import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalRegistry } from "../registry/local-registry.ts";
import { busyboxBase, Lab, run } from "./lab.ts";

/** Enough for an engine and a small image, not for a large one. */
const size = 12 << 20;

let registry: LocalRegistry;
let large = "";
let archive = "";
let source: Lab;
let disk = "";
let lab: Lab;

beforeAll(async () => {
  [source, registry] = [await Lab.open(), await LocalRegistry.open()];
  large = `${registry.host}/large:1`;
  const blob = randomBytes(14 << 20).toString("latin1");
  await source.build(large, "FROM scratch\nCOPY small /small\nCOPY blob /blob\n", { small: "x", blob });
  await source.ok("push", "-q", large);
  archive = source.path("large.tar");
  await source.ok("save", "-o", archive, large);
}, 120_000);

beforeEach(async () => {
  disk = mkdtempSync(join(tmpdir(), "slipway-full-"));
  const mounted = await run(["mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk]);
  expect(mounted.code).toBe(0);
  lab = await Lab.open({ root: join(disk, "root") });
}, 60_000);

afterEach(async () => {
  try {
    await lab[Symbol.asyncDispose]();
  } finally {
    await run(["umount", disk]);
    rmSync(disk, { recursive: true });
  }
}, 60_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await source[Symbol.asyncDispose]();
}, 60_000);

const free = () => statfsSync(disk).bfree * statfsSync(disk).bsize;

/** It says what is wrong, takes nothing with it, and what is left is whole: also after the engine was started anew. */
async function failsCleanly(...words: string[]): Promise<void> {
  const before = free();
  const { code, stderr } = await lab.slipway(...words);
  expect(code).not.toBe(0);
  expect(stderr).toContain("no space left on device");
  expect((await lab.engine.store.check()).Problems).toEqual([]);
  expect((await lab.engine.images.list()).flatMap(({ RepoTags }) => RepoTags)).not.toContain(large);
  await lab.ok("image", "prune", "-f");
  await lab.ok("builder", "prune", "-af");
  await lab.whileDown(() => undefined);
  expect((await lab.engine.store.check()).Problems).toEqual([]);
  await lab.ok("image", "prune", "-f");
  expect(free()).toBeGreaterThan(before - (2 << 20));
}

test("a pull onto a full disk fails with no space left on device, and leaves a whole store", async () => {
  await failsCleanly("pull", "-q", large);
}, 60_000);

test("a load onto a full disk fails with no space left on device, and leaves a whole store", async () => {
  await failsCleanly("load", "-i", archive);
}, 60_000);

test("a build onto a full disk fails with no space left on device, and leaves a whole store", async () => {
  const context = lab.path("context");
  await run(["mkdir", context]);
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY blob /blob\n");
  writeFileSync(join(context, "blob"), randomBytes(14 << 20));
  await failsCleanly("build", "-q", "-t", large, context);
}, 60_000);

test("a RUN onto a full disk fails its step, and leaves a whole store", async () => {
  await lab.build("base", busyboxBase);
  const context = lab.path("context");
  await run(["mkdir", context]);
  writeFileSync(join(context, "Dockerfile"), "FROM base\nRUN dd if=/dev/zero of=/blob bs=1000000 count=30\n");
  const { code, stderr } = await lab.slipway("build", "--progress", "plain", "-t", large, context);
  expect([code === 0, stderr.toLowerCase().includes("no space left on device")]).toEqual([false, true]);
  expect((await lab.engine.store.check()).Problems).toEqual([]);
}, 60_000);

test("an engine whose disk is filled by others says so, and works again when there is room", async () => {
  await lab.build("app", `${busyboxBase}COPY a /a\nCMD ["/bin/cat", "/a"]\n`, { a: "works" });
  const filler = join(disk, "filler");
  await run(["dd", "if=/dev/zero", `of=${filler}`, "bs=4096"]);
  expect(free()).toBe(0);
  for (const words of [
    ["tag", "app", "app:2"],
    ["pull", "-q", large],
    ["volume", "create", "vol"],
    ["create", "app"],
  ]) {
    const { code, stderr } = await lab.slipway(...words);
    if (code !== 0) expect(`${words[0]}: ${stderr}`).toContain("no space left on device");
  }
  expect((await lab.engine.images.inspect("app")).RepoTags).toContain("app:latest");
  await lab.ok("rmi", "-f", "app:2").catch(() => undefined);
  rmSync(filler);
  expect((await lab.engine.store.check()).Problems).toEqual([]);
  expect(await lab.ok("run", "--rm", "app")).toContain("works");
  await lab.whileDown(() => undefined);
  expect((await lab.engine.store.check()).Problems).toEqual([]);
  expect(await lab.ok("run", "--rm", "app")).toContain("works");
}, 60_000);
