/** Documents of real containers and images, against the OpenAPI document. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { EngineProcess, makeBusybox, start } from "../engine/lab.ts";
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

async function get(path: string): Promise<Record<string, unknown>> {
  const { status, text } = await api.call("GET", path);
  expect(status).toBe(200);
  return JSON.parse(text) as Record<string, unknown>;
}

test("a container's document is whole in every state of its life", async () => {
  const { Id } = await engine.containers.create({
    Image: "busybox",
    Cmd: ["sh", "-c", "echo x > /f; exec sleep 1000"],
    name: "life",
    Env: ["A=1"],
    Labels: { l: "1" },
    ExposedPorts: { "80/tcp": {} },
    HostConfig: {
      Binds: ["vol:/data"],
      Memory: 64 << 20,
      PortBindings: { "90/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
    },
  });
  const state = async () => (await get(`/containers/${Id}/json?size=1`))["State"];
  expect(await state()).toMatchObject({ Status: "created", Running: false, Pid: 0 });
  await engine.containers.start(Id);
  expect(await state()).toMatchObject({ Status: "running", Running: true });
  await engine.containers.pause(Id);
  expect(await state()).toMatchObject({ Status: "paused", Paused: true, Running: true });
  await engine.containers.unpause(Id);
  const running = await get(`/containers/${Id}/json?size=1`);
  expect(running).toMatchObject({
    Id,
    Name: "/life",
    Path: "sh",
    Args: ["-c", "echo x > /f; exec sleep 1000"],
    Mounts: [{ Type: "volume", Name: "vol", Destination: "/data", RW: true }],
    Config: { Image: "busybox", Labels: { l: "1" } },
  });
  expect(running["SizeRw"]).toBeGreaterThanOrEqual(2);
  expect(running["SizeRootFs"]).toBeGreaterThan(1_000_000);
  await engine.containers.stop(Id, { timeout: 0 });
  expect(await state()).toMatchObject({ Status: "exited", ExitCode: 137, Running: false });
  await api.call("GET", "/containers/json?all=1&size=1");
  await engine.containers.remove(Id, { volumes: true });
});

test("rename and port tell the new name and the ports", async () => {
  const id = await start(engine, ["sleep", "100"], {
    name: "old",
    HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
  });
  expect((await api.call("POST", `/containers/old/rename?name=new`)).status).toBe(204);
  const { NetworkSettings, Name } = await engine.containers.inspect("new");
  expect(Name).toBe("/new");
  expect(NetworkSettings.Ports["80/tcp"]?.[0]).toMatchObject({
    HostIp: "127.0.0.1",
    HostPort: expect.stringMatching(/^\d+$/),
  });
  expect((await api.call("POST", `/containers/new/rename?name=new`)).status).toBe(400);
  await engine.containers.remove(id, { force: true });
});

test("an image's documents are as documented", async () => {
  const image = await get("/images/busybox/json");
  expect(image).toMatchObject({ RepoTags: ["busybox:latest"], Os: "linux", Config: { Cmd: ["sh"] } });
  expect(image["Size"]).toBeGreaterThan(1_000_000);
  expect(image["RootFS"]).toMatchObject({ Type: "layers", Layers: [expect.stringMatching(/^sha256:/)] });
  const { status } = await api.call("GET", "/images/nothing/json");
  expect(status).toBe(404);
  await get("/images/json?all=1&digests=1");
  await get("/images/busybox/history");
  await get("/info");
  await get("/version");
});
