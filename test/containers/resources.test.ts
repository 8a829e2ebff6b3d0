/** What real containers use, and changing what they may. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import type { ContainerStats } from "../../src/engine/types/stats.ts";
import { EngineProcess, makeBusybox, run, start } from "../engine/lab.ts";
import { until } from "../until.ts";
import { failure } from "../engine/rejects.ts";
import { CheckedApi } from "./open-api-answers.ts";

let at: EngineProcess;
let engine: Engine;
let api: CheckedApi;

beforeAll(async () => {
  at = await EngineProcess.start();
  engine = at.engine;
  api = new CheckedApi(at.socket);
  await makeBusybox(engine, at.root);
});
afterAll(async () => await at?.[Symbol.asyncDispose]());

async function sample(name: string, o: { oneShot?: boolean } = {}): Promise<ContainerStats> {
  for await (const stats of engine.resources.stats(name, { stream: false, ...o })) return stats;
  throw new Error("no sample");
}

const remove = (id: string) => engine.containers.remove(id, { force: true });
const busy = ["sh", "-c", "while :; do :; done"];

test("resources.stats() counts processor, memory, processes and network", async () => {
  const id = await start(engine, busy, { name: "busy", HostConfig: { Memory: 64 << 20, PidsLimit: 40 } });
  const stats = await sample("busy");
  expect(stats).toMatchObject({ id, name: "/busy", pids_stats: { current: 1, limit: 40 } });
  expect(stats.memory_stats.limit).toBe(64 << 20);
  expect(stats.memory_stats.usage).toBeGreaterThan(1000);
  const used = stats.cpu_stats.cpu_usage.total_usage - stats.precpu_stats.cpu_usage.total_usage;
  expect(used).toBeGreaterThan(50_000_000);
  expect(Date.parse(stats.read) - Date.parse(stats.preread)).toBeGreaterThan(900);
  expect(Object.keys(stats.networks ?? {})).toEqual(["eth0"]);
  await remove(id);
});

test("resources.stats() of one shot comes at once, and says nothing of what does not run", async () => {
  const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["sleep", "100"] });
  expect(await sample(Id)).toMatchObject({ read: "0001-01-01T00:00:00Z", memory_stats: {} });
  await engine.containers.start(Id);
  const began = performance.now();
  const stats = await sample(Id, { oneShot: true });
  expect(performance.now() - began).toBeLessThan(500);
  expect(stats).toMatchObject({ preread: "0001-01-01T00:00:00Z" });
  expect(await failure(sample("nobody"))).toMatchObject({ code: "not_found" });
  await remove(Id);
});

test("resources.stats() streams until the container is gone, or the signal aborts", async () => {
  const id = await start(engine, ["sleep", "100"]);
  const reads: string[] = [];
  for await (const stats of engine.resources.stats(id)) {
    reads.push(stats.read);
    if (reads.length === 2) await remove(id);
  }
  expect(reads.length).toBeGreaterThanOrEqual(2);
  const other = await start(engine, ["sleep", "100"]);
  const stop = new AbortController();
  const streaming = (async () => {
    for await (const _stats of engine.resources.stats(other, { signal: stop.signal })) stop.abort();
  })();
  expect(await failure(streaming)).toMatchObject({ code: "cancelled" });
  await remove(other);
});

test("a process killed for want of memory is told by inspect, events and list", async () => {
  const HostConfig = { Memory: 16 << 20, MemorySwap: 16 << 20 };
  const since = new Date(Date.now() - 1000);
  const eater = ["sh", "-c", "exec tail /dev/zero"];
  const { Id } = await engine.containers.create({ Image: "busybox", Cmd: eater, HostConfig });
  await engine.containers.start(Id);
  expect((await engine.containers.wait(Id)).StatusCode).toBe(137);
  const { State } = await engine.containers.inspect(Id);
  expect(State).toMatchObject({ Status: "exited", OOMKilled: true, ExitCode: 137 });
  const [shown] = await engine.containers.list({ all: true, filters: { id: [Id] } });
  expect(shown?.Status).toStartWith("Exited (137) ");
  const filters = { container: [Id], event: ["oom", "die"] };
  const actions: string[] = [];
  for await (const { Action } of engine.system.events({ since, filters })) {
    actions.push(Action);
    if (Action === "die") break;
  }
  expect(actions).toEqual(["oom", "die"]);
  await remove(Id);
});

test("GET stats answers as documented", async () => {
  const id = await start(engine, ["sleep", "100"]);
  expect((await api.call("GET", `/containers/${id}/stats?stream=0&one-shot=1`)).status).toBe(200);
  expect((await api.call("GET", `/containers/${id}/stats?stream=1&one-shot=1`)).status).toBe(400);
  expect((await api.call("GET", "/containers/nobody/stats?stream=0")).status).toBe(404);
  await remove(id);
  const { Id } = await engine.containers.create({ Image: "busybox" });
  expect((await api.call("GET", `/containers/${Id}/stats?stream=0`)).status).toBe(200);
  await remove(Id);
});

test("resources.update() changes limits of a running container at once", async () => {
  const id = await start(engine, busy, { HostConfig: { Memory: 64 << 20 } });
  const update = { Memory: 32 << 20, MemorySwap: -1, NanoCpus: 2e8, PidsLimit: 33 };
  expect(await engine.resources.update(id, update)).toMatchObject({ Warnings: expect.any(Array) });
  const stats = await sample(id);
  expect(stats.memory_stats.limit).toBe(32 << 20);
  expect(stats.pids_stats.limit).toBe(33);
  const used = stats.cpu_stats.cpu_usage.total_usage - stats.precpu_stats.cpu_usage.total_usage;
  expect(used).toBeLessThan(350_000_000);
  expect((await engine.containers.inspect(id)).HostConfig).toMatchObject({
    Memory: 32 << 20,
    NanoCpus: 2e8,
    PidsLimit: 33,
  });
  await remove(id);
});

test("resources.update() of a stopped container holds from its next start on", async () => {
  const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["sleep", "100"] });
  await engine.resources.update(Id, { Memory: 48 << 20, RestartPolicy: { Name: "always" } });
  expect((await engine.containers.inspect(Id)).HostConfig.RestartPolicy?.Name).toBe("always");
  await engine.containers.start(Id);
  expect((await sample(Id, { oneShot: true })).memory_stats.limit).toBe(48 << 20);
  await remove(Id);
});

test("resources.update() refuses what cannot be, and changes nothing then", async () => {
  const id = await start(engine, ["sleep", "100"], { HostConfig: { CpuQuota: 50_000, AutoRemove: true } });
  const refusal = (update: object) => failure(engine.resources.update(id, update));
  expect(await refusal({ Memory: 1 << 20 })).toEqual({
    code: "invalid_argument",
    message: "Minimum memory limit allowed is 6MB",
  });
  expect((await refusal({ NanoCpus: 1e9 }))?.message).toBe(
    "Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set",
  );
  expect((await refusal({ RestartPolicy: { Name: "always" } }))?.message).toBe(
    "Restart policy cannot be updated because AutoRemove is enabled for the container",
  );
  expect((await refusal({ CpusetCpus: "999" }))?.message).toContain(
    "Requested CPUs are not available - requested 999, available: ",
  );
  expect((await engine.containers.inspect(id)).HostConfig.CpusetCpus ?? "").toBe("");
  expect((await api.call("POST", `/containers/${id}/update`, { CpuShares: 512 })).status).toBe(200);
  expect((await api.call("POST", "/containers/nobody/update", {})).status).toBe(404);
  await remove(id);
});

test("containers.top() lists the processes of the container alone", async () => {
  const id = await start(engine, ["sh", "-c", "sleep 1000 & exec sleep 2000"]);
  const sleeping = async () => {
    const { Processes } = await engine.containers.top(id);
    return Processes.every((row) => row.at(-1)?.startsWith("sleep ")) && Processes.length === 2;
  };
  await until(sleeping).catch(() => undefined);
  const top = await engine.containers.top(id);
  expect(top.Titles).toContain("PID");
  expect(top.Processes.map((row) => row.at(-1)).sort()).toEqual(["sleep 1000", "sleep 2000"]);
  const chosen = await engine.containers.top(id, { psArgs: "-o pid,comm" });
  expect(chosen.Titles).toEqual(["PID", "COMMAND"]);
  await remove(id);
  const { Id } = await engine.containers.create({ Image: "busybox" });
  expect(await failure(engine.containers.top(Id))).toEqual({
    code: "conflict",
    message: `container ${Id} is not running`,
  });
  await remove(Id);
  expect((await run(engine, ["true"])).code).toBe(0);
});
