import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PrivateEngine } from "../../src/client/private-engine.ts";
import { connectOrStart } from "../../src/client/start-engine.ts";
import { isCode } from "../../src/errors.ts";

const memoryMain = join(import.meta.dir, "../fixtures/memory-engine/main.ts");
const command = [process.execPath, memoryMain];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-start-"));
});

afterEach(async () => {
  const pids = await readFile(join(directory, "root/pids"), "utf8").catch(() => "");
  for (const pid of pids.split("\n").filter(Boolean)) {
    try {
      process.kill(Number(pid));
    } catch {
      // Ended by itself.
    }
  }
  await rm(directory, { recursive: true });
});

const options = (more: object = {}) => ({
  root: join(directory, "root"),
  socketPath: join(directory, "run/engine.sock"),
  command,
  ...more,
});

async function startedPids(): Promise<string[]> {
  return (await readFile(join(directory, "root/pids"), "utf8")).split("\n").filter(Boolean);
}

test("connectOrStart() starts an engine once and finds it again", async () => {
  const first = await connectOrStart(options());
  expect((await first.system.version()).Version).toBe("0.1.0");
  await connectOrStart(options({ command: ["/does/not/exist"] }));
  expect(await startedPids()).toHaveLength(1);
});

test("connectOrStart() called by five at once gives all of them one engine", async () => {
  const engines = await Promise.all(Array.from({ length: 5 }, () => connectOrStart(options())));
  for (const engine of engines) expect((await engine.system.info()).Name).toBe("memory");
  expect(await startedPids()).toHaveLength(1);
  const log = join(directory, "root/engine.log");
  // The losers end by themselves; until then they may still touch the root.
  while ((await readFile(log, "utf8")).split("another engine").length < 5) await Bun.sleep(10);
});

test("connectOrStart() shows the last words of an engine that cannot start", async () => {
  const script = join(directory, "bad.ts");
  await writeFile(script, "console.error('Cannot start: no runtime found'); process.exit(1);");
  const error = await connectOrStart(options({ command: [process.execPath, script] })).catch(
    (reason: unknown) => reason,
  );
  expect(isCode(error, "unavailable")).toBe(true);
  expect(String(error)).toContain("no runtime found");
});

test("connectOrStart() names a program that does not exist", async () => {
  const error = await connectOrStart(options({ command: ["/does/not/exist"] })).catch(
    (reason: unknown) => reason,
  );
  expect(isCode(error, "unavailable")).toBe(true);
  expect(String(error)).toContain("/does/not/exist");
});

test("connectOrStart() gives up on an engine that never answers", async () => {
  const script = join(directory, "mute.ts");
  await writeFile(script, "await Bun.sleep(60_000)");
  const given = options({ command: [process.execPath, script], timeoutMs: 200 });
  const error = await connectOrStart(given).catch((reason: unknown) => reason);
  expect(String(error)).toContain("does not answer in time");
});

test("PrivateEngine.start() ends its engine when disposed", async () => {
  const engine = await PrivateEngine.start({ command });
  const pid = Number((await readFile(join(engine.root, "pids"), "utf8")).trim());
  expect((await engine.system.info()).Name).toBe("memory");
  await engine[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(await readFile(join(engine.root, "pids")).catch(() => "removed")).toBe("removed");
});
