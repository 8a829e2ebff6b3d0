/** Rounds of run, stop and rm, and kills of the engine in their middle. Run by `npm run soak`, not by `npm test`. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isCode } from "../../src/errors.ts";
import { configOf, EngineProcess, logs, makeBusybox, start } from "./lab.ts";
import { until } from "../until.ts";
import { leftovers, type Leftovers } from "./leftovers.ts";

const amount = Number(process.env["SOAK_AMOUNT"] ?? 100);
const sideBySide = 8;
let at: EngineProcess;
let bystander: string;
let alone: Leftovers;

beforeEach(async () => {
  at = await EngineProcess.start();
  await makeBusybox(at.engine, at.root);
  const count = "n=0; while :; do echo $n; n=$((n+1)); usleep 20000; done";
  bystander = await start(at.engine, ["sh", "-c", count], { HostConfig: { PortBindings } });
  await until(async () => (await logs(at.engine, bystander)).includes("\n"));
  alone = leftovers(configOf(at.root));
});
afterEach(async () => await at?.[Symbol.asyncDispose]());

const PortBindings = { "80/tcp": [{ HostIp: "", HostPort: "" }] };

/** Starts, stops and removes one; a third of them go by themselves, a third have a volume, a health check or a port. */
async function round(n: number, ids: string[]): Promise<void> {
  const { containers } = at.engine;
  const AutoRemove = n % 3 === 0;
  const { Id } = await containers.create({
    Image: "busybox",
    Cmd: ["sh", "-c", "trap 'exit 0' TERM; echo up; while :; do usleep 10000; done"],
    HostConfig: { AutoRemove, PortBindings, ...(n % 3 === 1 && { Binds: ["/data"] }) },
    ...(n % 4 === 0 && { Healthcheck: { Test: ["CMD", "true"], Interval: 50_000_000 } }),
  });
  ids.push(Id);
  const gone = AutoRemove ? containers.wait(Id, { condition: "removed" }) : undefined;
  gone?.catch(() => undefined);
  await containers.start(Id);
  // Process 1 heeds no SIGTERM before it has set its trap.
  await until(async () => (await logs(at.engine, Id)).includes("up"), 120_000);
  await containers.stop(Id, { timeout: 30 });
  if (gone === undefined) await containers.remove(Id, { volumes: true });
  else await gone;
}

async function rounds(count: number, ids: string[]): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      await round(next, ids);
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
}

/** Nothing but the bystander, which goes on as before: the same processes, and every number printed once. */
async function expectAlone(ids: readonly string[]): Promise<void> {
  const config = configOf(at.root);
  const now = () => leftovers(config, ids);
  await until(() => Bun.deepEquals(now(), alone), 120_000).catch(() => undefined);
  expect(now()).toEqual(alone);
  expect((await at.engine.containers.list({ all: true })).map(({ Id }) => Id)).toEqual([bystander]);
  expect((await at.engine.volumes.list()).Volumes).toEqual([]);
  const { checked, problems } = await at.engine.system.check();
  expect({ snapshots: checked.snapshots, problems }).toEqual({ snapshots: 2, problems: [] });
}

async function expectEveryNumber(): Promise<void> {
  const printed = (await logs(at.engine, bystander)).split("\n").slice(0, -1).map(Number);
  expect(printed.length).toBeGreaterThan(10);
  expect(printed.every((value, index) => value === index)).toBe(true);
}

const memory = () =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${at.pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

/** But for sockets: the client keeps its connections. */
function descriptors(): number {
  const isSocket = (fd: string) => {
    try {
      return readlinkSync(`/proc/${at.pid}/fd/${fd}`).startsWith("socket:");
    } catch {
      return true;
    }
  };
  return readdirSync(`/proc/${at.pid}/fd`).filter((fd) => !isSocket(fd)).length;
}

test("rounds of run, stop and rm leave nothing, and memory is flat", async () => {
  const ids: string[] = [];
  const part = Math.ceil(amount / 5);
  await rounds(part, ids);
  await expectAlone(ids);
  const before = { memory: memory(), descriptors: descriptors() };
  console.log(`${ids.length} rounds: ${before.memory.toFixed(0)} MiB, ${before.descriptors} descriptors`);
  while (ids.length < amount) {
    const began = performance.now();
    await rounds(part, ids);
    const seconds = (performance.now() - began) / 1000;
    await expectAlone(ids);
    const each = `${((1000 * seconds) / part).toFixed(0)} ms each`;
    console.log(`${ids.length} rounds: ${memory().toFixed(0)} MiB, ${descriptors()} descriptors, ${each}`);
  }
  await until(() => descriptors() <= before.descriptors).catch(() => undefined);
  expect(descriptors()).toBeLessThanOrEqual(before.descriptors);
  expect(memory()).toBeLessThan(before.memory + 48);
  await expectEveryNumber();
});

test("kill -9 of the engine in the middle of rounds: all is found or cleaned, others are not touched", async () => {
  const found = { created: 0, running: 0, exited: 0, none: 0 };
  for (let done = 0; done < amount; done += 1) {
    const ids: string[] = [];
    const working = rounds(sideBySide, ids).catch(() => undefined);
    await Bun.sleep(Math.random() * 1500);
    await at.kill();
    await working;
    await at.restart();
    const others = (await at.engine.containers.list({ all: true })).filter(({ Id }) => Id !== bystander);
    if (others.length === 0) found.none += 1;
    for (const { State } of others) if (State in found) found[State as keyof typeof found] += 1;
    const remove = others.map(({ Id }) => at.engine.containers.remove(Id, { force: true, volumes: true }));
    await Promise.all(remove.map((each) => each.catch(ignoreGone)));
    await expectAlone(ids);
    if (done % 20 === 19) console.log(`${done + 1} kills; containers found: ${JSON.stringify(found)}`);
  }
  await expectEveryNumber();
});

function ignoreGone(error: unknown): void {
  if (!isCode(error, "not_found")) throw error;
}
