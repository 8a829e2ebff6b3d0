/** Containers that start at the first connection and stop when nobody is connected any more. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import type { Engine } from "../../src/engine/engine.ts";
import type { ContainerCreate } from "../../src/engine/types/container.ts";
import { EngineProcess, makeBusybox } from "../engine/lab.ts";
import { until } from "../until.ts";
import { failure } from "../engine/rejects.ts";

let at: EngineProcess;
const engine = (): Engine => at.engine;
beforeAll(async () => {
  at = await EngineProcess.start();
  await makeBusybox(at.engine, at.root);
});
afterAll(async () => await at?.[Symbol.asyncDispose]());

const PortBindings = { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] };
/** It takes its time until it listens. */
const server = ["sh", "-c", "echo hello > /tmp/index.html; usleep 200000; exec httpd -f -p 80 -h /tmp"];

async function sleeper(name: string, Idle: number, more: ContainerCreate = {}): Promise<number> {
  const spec = { name, Image: "busybox", Cmd: server, Lazy: { Idle }, StopSignal: "SIGKILL", ...more };
  await engine().containers.create({ ...spec, HostConfig: { PortBindings, ...more.HostConfig } });
  await engine().containers.start(name);
  return await portOf(name);
}

async function portOf(name: string): Promise<number> {
  const { Ports } = (await engine().containers.inspect(name)).NetworkSettings;
  return Number(Ports["80/tcp"]?.[0]?.HostPort);
}

const state = async (name: string) => (await engine().containers.inspect(name)).State.Status;
const remove = (name: string) => engine().containers.remove(name, { force: true });

/** A page over a connection of its own; rejects when that is refused, reset, or ends early. */
function page(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => socket.write("GET / HTTP/1.0\r\n\r\n"));
    socket.on("data", (data) => (said += data.toString()));
    socket.on("error", reject);
    socket.on("close", () => resolve(said.split("\r\n\r\n")[1] ?? "cut off"));
  });
}

test("50 first connections at once start a sleeper once and are all answered", async () => {
  const port = await sleeper("many", 0);
  expect(await state("many")).toBe("created");
  const [listed] = await engine().containers.list({ filters: { name: ["many"] } });
  expect(listed).toMatchObject({ Status: "Sleeping", Ports: [{ PublicPort: port, PrivatePort: 80 }] });
  const pages = await Promise.all(Array.from({ length: 50 }, () => page(port)));
  expect(new Set(pages)).toEqual(new Set(["hello\n"]));
  expect(await state("many")).toBe("running");
  await remove("many");
  expect(await failure(page(port))).toBeDefined();
});

test("an idle sleeper stops, and no connection is lost while it does", async () => {
  const port = await sleeper("idle", 50e6);
  for (let round = 0; round < 4; round += 1) {
    expect(await page(port)).toBe("hello\n");
    // The next connection comes about when the idle time is over.
    await Bun.sleep(45 + round * 3);
  }
  await until(async () => (await state("idle")) === "exited");
  expect(await page(port)).toBe("hello\n");
  await remove("idle");
});

test("a connection that stays open keeps it awake", async () => {
  const port = await sleeper("busy", 50e6);
  const socket = connect({ host: "127.0.0.1", port });
  await until(async () => (await state("busy")) === "running");
  await Bun.sleep(300);
  expect(await state("busy")).toBe("running");
  socket.destroy();
  await until(async () => (await state("busy")) === "exited");
  await remove("busy");
});

test("a sleeper is held again by the next engine, asleep or awake", async () => {
  const asleep = await sleeper("asleep", 0);
  const awake = await sleeper("awake", 0);
  expect(await page(awake)).toBe("hello\n");
  await at.kill();
  await at.restart();
  expect([await portOf("asleep"), await portOf("awake")]).toEqual([asleep, awake]);
  expect([await state("asleep"), await state("awake")]).toEqual(["created", "running"]);
  expect(await Promise.all([page(asleep), page(awake)])).toEqual(["hello\n", "hello\n"]);
  for (const name of ["asleep", "awake"]) await remove(name);
});

test("stop() frees the port of a sleeper, start() holds it again, a second start() wakes it", async () => {
  const port = await sleeper("held", 0);
  await engine().containers.stop("held");
  expect(await failure(page(port))).toBeDefined();
  await engine().containers.start("held");
  const again = await portOf("held");
  expect(await state("held")).toBe("created");
  await engine().containers.start("held");
  expect(await state("held")).toBe("running");
  expect(await page(again)).toBe("hello\n");
  await remove("held");
});

test("a sleeper that cannot be started cuts its connections off and sleeps on", async () => {
  const port = await sleeper("broken", 0, { Cmd: ["/none"] });
  expect(await failure(page(port))).toBeDefined();
  const ends = await sleeper("ends", 0, { Cmd: ["true"] });
  expect(await failure(page(ends))).toBeDefined();
  for (const name of ["broken", "ends"]) await remove(name);
});

test.each([
  ["a published port", { HostConfig: {} }],
  ["TCP", { HostConfig: { PortBindings: { "53/udp": [{ HostIp: "", HostPort: "" }] } } }],
  ["--network host", { HostConfig: { PortBindings, NetworkMode: "host" } }],
  ["--rm", { HostConfig: { PortBindings, AutoRemove: true } }],
  ["--restart", { HostConfig: { PortBindings, RestartPolicy: { Name: "always" } } }],
] as [string, ContainerCreate][])("a sleeper and %s: what cannot be is refused", async (words, more) => {
  const refused = await failure(engine().containers.create({ Image: "busybox", Lazy: {}, ...more }));
  expect(refused).toMatchObject({ code: "invalid_argument" });
  expect(refused?.message).toContain(words);
});
