/**
 * What docker compose 2.40 asks of an engine from `up` to `down`, in its order and form, BuildKit aside; every answer
 * is checked against the API's document. It negotiates the version: what is newer than ours is refused.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { CheckedApi } from "../containers/open-api-answers.ts";
import { EngineProcess, makeBusybox } from "../engine/lab.ts";
import { ask } from "./ask.ts";

let lab: EngineProcess;
let api: CheckedApi;

beforeAll(async () => {
  lab = await EngineProcess.start();
  api = new CheckedApi(lab.socket);
  await makeBusybox(lab.engine, lab.root);
});
afterAll(async () => await lab?.[Symbol.asyncDispose]());

async function call<T = Record<string, unknown>>(
  method: string,
  path: string,
  status: number,
  body?: object,
): Promise<T> {
  const { text, ...answer } = await api.ask(method, path, { body });
  expect([method, path, answer.status, answer.status === status ? "" : text]).toEqual([
    method,
    path,
    status,
    "",
  ]);
  return (text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : {}) as T;
}

const label = "com.docker.compose";
const mine = `${label}.project=shop`;
/** Filters in the form of a map, as compose sends them. */
const filters = (of: Record<string, readonly string[]>) => {
  const maps = Object.entries(of).map(([key, values]) => [
    key,
    Object.fromEntries(values.map((value) => [value, true])),
  ]);
  return `filters=${encodeURIComponent(JSON.stringify(Object.fromEntries(maps)))}`;
};
const found = (all: 0 | 1) =>
  call<{ Id: string; Names: string[]; Labels: Record<string, string> }[]>(
    "GET",
    `/containers/json?all=${all}&${filters({ label: [mine, `${label}.config-hash`] })}`,
    200,
  );

const emptyEndpoint = {
  IPAMConfig: null,
  Links: null,
  MacAddress: "",
  DriverOpts: null,
  GwPriority: 0,
  NetworkID: "",
  EndpointID: "",
  Gateway: "",
  IPAddress: "",
  IPPrefixLen: 0,
  IPv6Gateway: "",
  GlobalIPv6Address: "",
  GlobalIPv6PrefixLen: 0,
  DNSNames: null,
};

function spec(service: string, Cmd: string[], networks: string[], more: object = {}, host: object = {}) {
  const Aliases = [`shop-${service}-1`, service];
  const labels = { project: "shop", service, "config-hash": "abc", oneoff: "False", "container-number": "1" };
  return {
    Image: "busybox",
    Cmd,
    AttachStdout: true,
    AttachStderr: true,
    Labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [`${label}.${key}`, value])),
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(networks.map((name) => [name, { ...emptyEndpoint, Aliases }])),
    },
    HostConfig: {
      LogConfig: { Type: "", Config: null },
      NetworkMode: networks[0],
      RestartPolicy: { Name: "", MaximumRetryCount: 0 },
      ConsoleSize: [0, 0],
      ...host,
    },
    ...more,
  };
}

const create = async (name: string, body: object) =>
  (await call<{ Id: string }>("POST", `/containers/create?name=${name}`, 201, body)).Id;

const inspect = (id: string) =>
  call<{
    State: { Status: string; ExitCode: number; Health?: { Status: string } };
    NetworkSettings: { Networks: Record<string, { Aliases: string[]; IPAddress: string }> };
    HostConfig: { NetworkMode: string };
  }>("GET", `/containers/${id}/json`, 200);

test("a client whose newest version is 1.51 learns which one to speak", async () => {
  const ping = await ask(lab.socket, "HEAD", "/_ping");
  expect([ping.status, ping.headers.get("api-version"), ping.headers.get("ostype")]).toEqual([
    200,
    "1.50",
    "linux",
  ]);
  const newer = await ask(lab.socket, "GET", "/v1.51/version");
  expect([newer.status, JSON.parse(newer.body)]).toEqual([
    400,
    { message: "client version 1.51 is too new. Maximum supported API version is 1.50" },
  ]);
});

test("up, ps, exec, run, cp, pause, restart, recreate, down", async () => {
  // up: what is missing is asked for by name, then through a filter, and made.
  await call("GET", "/images/busybox/json", 200);
  for (const name of ["shop_front", "shop_back"]) {
    await call("GET", `/networks/${name}`, 404);
    expect(await call<unknown[]>("GET", `/networks?${filters({ name: [name] })}`, 200)).toEqual([]);
    const Labels = { [`${label}.project`]: "shop", [`${label}.network`]: name };
    const network = { Name: name, Driver: "", Internal: name === "shop_back", IPAM: null, Labels };
    await call("POST", "/networks/create", 201, network);
    await call("GET", `/networks/${name}`, 200);
  }
  await call("GET", "/volumes/shop_data", 404);
  const Labels = { [`${label}.project`]: "shop", [`${label}.volume`]: "data" };
  await call("POST", "/volumes/create", 201, { Name: "shop_data", Driver: "", DriverOpts: null, Labels });
  expect(await found(1)).toEqual([]);
  await call("GET", "/version", 200);
  const db = await create("shop-db-1", spec("db", ["sh", "-c", "while :; do sleep 1; done"], ["shop_back"]));
  await call("POST", `/containers/${db}/start`, 204);
  const healthy = {
    ExposedPorts: { "8080/tcp": {} },
    Env: ["A=1"],
    Healthcheck: { Test: ["CMD", "test", "-e", "/ready"], Interval: 1_000_000_000, Retries: 60 },
  };
  const serve = ["sh", "-c", "echo hi > /ready; exec httpd -f -p 8080"];
  const published = {
    Binds: ["shop_data:/data:rw"],
    PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
  };
  const web = await create("shop-web-1", spec("web", serve, ["shop_back", "shop_front"], healthy, published));
  await call("POST", `/containers/${web}/start`, 204);
  // depends_on: service_healthy looks again and again.
  while ((await inspect(web)).State.Health?.Status !== "healthy") await Bun.sleep(50);
  const { NetworkSettings, HostConfig } = await inspect(web);
  expect(HostConfig.NetworkMode).toBe("shop_back");
  for (const name of ["shop_back", "shop_front"]) {
    expect(NetworkSettings.Networks[name]?.IPAddress).toMatch(/^\d+\./);
    expect(NetworkSettings.Networks[name]?.Aliases).toEqual(["shop-web-1", "web"]);
  }

  // ps, logs, images, top, port, stats, volumes, ls
  expect((await found(0)).flatMap(({ Names }) => Names).toSorted()).toEqual(["/shop-db-1", "/shop-web-1"]);
  await call("GET", `/containers/${web}/logs?stderr=1&stdout=1&tail=all`, 200);
  await call("GET", `/containers/${web}/top`, 200);
  await call("GET", `/containers/${web}/stats?stream=0`, 200);
  const volumes = await call<{ Volumes: unknown[] }>("GET", `/volumes?${filters({ label: [mine] })}`, 200);
  expect(volumes.Volumes).toHaveLength(1);
  expect(
    await call<unknown[]>("GET", `/containers/json?all=1&${filters({ label: [`${label}.project`] })}`, 200),
  ).toHaveLength(2);

  // exec -T
  const Cmd = ["cat", "/ready"];
  const asked = {
    AttachStdout: true,
    AttachStderr: true,
    Cmd,
    Env: [],
    Tty: false,
    User: "",
    WorkingDir: "",
  };
  const exec = (await call<{ Id: string }>("POST", `/containers/${web}/exec`, 201, asked)).Id;
  expect((await ask(lab.socket, "POST", `/exec/${exec}/start`, { body: {} })).body).toContain("hi\n");
  expect(await call("GET", `/exec/${exec}/json`, 200)).toMatchObject({ ExitCode: 0, Running: false });

  // run --rm: the end is waited for before the start.
  const once = spec("db", ["true"], ["shop_back"], {}, { AutoRemove: true });
  const run = await create("shop-db-run-1", once);
  const waiting = await fetch(`http://engine/v1.50/containers/${run}/wait?condition=removed`, {
    unix: lab.socket,
    method: "POST",
  });
  await call("POST", `/containers/${run}/start`, 204);
  expect(await waiting.json()).toEqual({ StatusCode: 0 });

  // cp, kill, pause, unpause, restart, stop, start
  await call("GET", `/containers/${web}/archive?path=/ready`, 200);
  await call("POST", `/containers/${db}/kill?signal=WINCH`, 204);
  await call("POST", `/containers/${db}/pause`, 204);
  await call("POST", `/containers/${db}/unpause`, 204);
  await call("POST", `/containers/${db}/restart?t=0`, 204);
  await call("POST", `/containers/${db}/stop?t=0`, 204);
  await call("POST", `/containers/${db}/start`, 204);

  // recreate: made under a passing name, the old one taken away, renamed.
  const next = await create("6ebed4f27b89_shop-db-1", spec("db", ["sleep", "1000"], ["shop_back"]));
  await call("POST", `/containers/${db}/stop?t=0`, 204);
  await call("DELETE", `/containers/${db}`, 204);
  await call("POST", "/containers/6ebed4f27b89_shop-db-1/rename?name=shop-db-1", 204);
  await call("POST", `/containers/${next}/start`, 204);

  // events, with both filters
  const until = ((Date.now() + 2) / 1000).toFixed(3);
  const events = `/events?since=0&until=${until}&${filters({ label: [mine], type: ["container"] })}`;
  const told = (await ask(lab.socket, "GET", events)).body.trim().split("\n");
  const actions = told.map((line) => (JSON.parse(line) as { Action: string }).Action);
  for (const action of ["create", "start", "die", "pause", "unpause", "kill", "stop", "destroy", "rename"])
    expect(actions).toContain(action);

  // pull --ignore-pull-failures, down -v --rmi local
  await call("POST", "/images/create?fromImage=localhost:1/nothing&tag=latest", 500);
  for (const { Id } of await found(1)) {
    await call("POST", `/containers/${Id}/stop?t=0`, 204);
    await call("DELETE", `/containers/${Id}?force=1&v=1`, 204);
  }
  await call("GET", `/images/json?${filters({ dangling: ["false"], label: [mine] })}`, 200);
  await call("GET", "/volumes/shop_data", 200);
  await call("DELETE", "/volumes/shop_data?force=1", 204);
  const networks = await call<{ Id: string }[]>("GET", `/networks?${filters({ label: [mine] })}`, 200);
  expect(networks).toHaveLength(2);
  for (const { Id } of networks) {
    await call("GET", `/networks/${Id}`, 200);
    await call("DELETE", `/networks/${Id}`, 204);
  }
  await lab.engine.images.tag("busybox", "shop-web:1");
  await call("DELETE", "/images/shop-web:1?noprune=1", 200);
  expect(await found(1)).toEqual([]);
});

test("BuildKit's roads are refused, so that the classic builder is taken", async () => {
  const headers = { Connection: "Upgrade", Upgrade: "h2c" };
  for (const path of ["/session", "/grpc"])
    expect((await ask(lab.socket, "POST", `/v1.50${path}`, { headers })).status).toBe(404);
});
