/** Tokens and sockets that reach a part of the engine: what is out of scope is refused on every route. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveSockets } from "../../src/api/access/serve-sockets.ts";
import { needsOf } from "../../src/api/access/needs.ts";
import { authorizer } from "../../src/api/access/authorize.ts";
import type { HttpHandler } from "../../src/api/http/message.ts";
import { createRouter } from "../../src/api/router.ts";
import type { HttpServer } from "../../src/api/http/listen.ts";
import { engineRoutes, serveEngine } from "../../src/api/serve-engine.ts";
import { RemoteEngine } from "../../src/client/remote-engine.ts";
import { allows, permissions } from "../../src/engine/access/permissions.ts";
import { memoryEngine, type MemoryEngine } from "../fixtures/memory-engine/engine.ts";
import { slipway } from "../engine/lab.ts";
import { ask } from "./ask.ts";

let directory: string;
let socket: string;
let engine: MemoryEngine;
let server: HttpServer;
let sockets: AsyncDisposable;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "slipway-access-"));
  socket = join(directory, "engine.sock");
  engine = memoryEngine();
  const options = { version: "0.1.0", scopeOf: (token: string) => engine.access.scopeOf(token) };
  server = await serveEngine(engine, { address: { path: socket }, ...options });
  sockets = await serveSockets(engine, engine.access, options, console.error);
});

afterAll(async () => {
  await sockets[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

/** A path that the pattern takes, of things that do not exist. */
function pathOf(pattern: string): string {
  return pattern.replaceAll(/\{\w+\*?\}/g, "nothing");
}

/** Straight to the router, which is quicker than thousands of connections; what would wait for ever is cut short. */
async function statusOf(handler: HttpHandler, method: string, path: string): Promise<number> {
  async function* body() {
    yield Buffer.from("this is nothing that any operation takes");
  }
  const request = { method, path, query: new URLSearchParams(), headers: new Map(), body: body() };
  const reply = await handler({ ...request, signal: AbortSignal.timeout(20), allowHalfClose: () => {} });
  return reply.kind === "hijack" ? 101 : reply.status;
}

test("every route refuses every token that does not allow what it needs, and lets the others in", async () => {
  const routes = engineRoutes(engine);
  expect(routes.length).toBeGreaterThan(100);
  for (const permission of [...permissions, "*"]) {
    const scope = { allow: [permission], labels: [] };
    const handler = createRouter(routes, {}, authorizer(engine, { scope }));
    for (const route of routes) {
      const needs = needsOf(route);
      const isAllowed =
        needs === undefined
          ? permission === "*"
          : needs.every((need) => allows({ allow: [permission] }, need));
      const what = `${permission}: ${route.method} ${route.pattern}`;
      const isRefused = (await statusOf(handler, route.method, pathOf(route.pattern))) === 403;
      expect(`${what} ${isRefused ? "refused" : "let in"}`).toBe(
        `${what} ${isAllowed ? "let in" : "refused"}`,
      );
    }
  }
});

test("an area allows both of its halves, and nothing else", () => {
  expect(allows({ allow: ["images"] }, "images:write")).toBe(true);
  expect(allows({ allow: ["images:read"] }, "images:write")).toBe(false);
  expect(allows({ allow: ["images"] }, "containers:read")).toBe(false);
});

test("tokens that are unknown, removed or expired are refused, also where nothing is needed", async () => {
  expect((await ask(socket, "GET", "/containers/json", bearer("slw_unknown"))).status).toBe(401);
  const { token, id } = await engine.access.createToken({ allow: ["*"], labels: [] });
  expect((await ask(socket, "GET", "/containers/json", bearer(token))).status).toBe(200);
  await engine.access.removeToken(id);
  expect((await ask(socket, "GET", "/_ping", bearer(token))).status).toBe(401);
  const over = await engine.access.createToken({ allow: ["*"], labels: [], lifetime: -1 });
  expect((await ask(socket, "GET", "/_ping", bearer(over.token))).body).toContain("expired");
  expect(await engine.access.createToken({ allow: ["nothing"], labels: [] }).catch(String)).toContain(
    'Unknown permission "nothing"',
  );
});

test("without host, what reaches into the machine cannot be created", async () => {
  const { token } = await engine.access.createToken({ allow: ["containers", "exec", "build"], labels: [] });
  for await (const _line of engine.images.pull("busybox"));
  const create = async (HostConfig: object) =>
    await ask(socket, "POST", "/containers/create", {
      ...bearer(token),
      body: { Image: "busybox", HostConfig },
    });
  const reaching = [
    { Privileged: true },
    { Binds: ["/:/host"] },
    { binds: ["/:/host"] },
    { Mounts: [{ Type: "bind", Source: "/", Target: "/host" }] },
    {
      Mounts: [
        { Type: "volume", Target: "/v", VolumeOptions: { DriverConfig: { Options: { device: "/" } } } },
      ],
    },
    { PidMode: "host" },
    { NetworkMode: "host" },
    { CapAdd: ["SYS_ADMIN"] },
    { Devices: [{ PathOnHost: "/dev/sda" }] },
    { SecurityOpt: ["seccomp=unconfined"] },
    { MaskedPaths: [] },
    { Sysctls: { "kernel.x": "1" } },
  ];
  for (const HostConfig of reaching) expect((await create(HostConfig)).status).toBe(403);
  const { status, body } = await create({ Binds: ["vol:/v"] });
  expect(status).toBe(201);
  const { Id } = JSON.parse(body) as { Id: string };
  await engine.containers.start(Id);
  const exec = { ...bearer(token), body: { Cmd: ["id"], Privileged: true } };
  expect((await ask(socket, "POST", `/containers/${Id}/exec`, exec)).status).toBe(403);
  expect((await ask(socket, "POST", "/build?networkmode=host", bearer(token))).status).toBe(403);
});

test("within labels, only what has them is seen and touched, and what is created gets them", async () => {
  const { token } = await engine.access.createToken({ allow: ["*"], labels: ["team=x"] });
  const scoped = new RemoteEngine({ socketPath: socket }, { token });
  for await (const _line of engine.images.pull("busybox"));
  const other = await engine.containers.create({ Image: "busybox", Labels: { team: "y" }, name: "other" });
  const code = async (work: Promise<unknown>) =>
    await work.then(
      () => "fine",
      (error: { code?: string }) => error.code,
    );
  const image = await engine.images.inspect("busybox");
  Object.assign(image, { Config: { ...image.Config, Labels: { team: "x" } } });
  const { Id } = await scoped.containers.create({ Image: "busybox", Cmd: ["sleep"], Labels: { a: "b" } });
  expect((await engine.containers.inspect(Id)).Config.Labels).toEqual({ a: "b", team: "x" });
  expect(await code(scoped.containers.inspect(Id))).toBe("fine");
  const tried = [
    scoped.containers.inspect("other"),
    scoped.containers.start("other"),
    scoped.containers.remove(other.Id),
    scoped.containers.logs("other", { stdout: true }),
    scoped.execs.create("other", { Cmd: ["id"] }),
    scoped.containers.create({ Image: "busybox", HostConfig: { NetworkMode: `container:${other.Id}` } }),
    scoped.containers.create({ Image: "busybox", HostConfig: { VolumesFrom: ["other"] } }),
  ];
  expect(await Promise.all(tried.map(code))).toEqual(tried.map(() => "not_found"));
  await engine.volumes.create({ Name: "theirs" });
  expect(await code(scoped.volumes.inspect("theirs"))).toBe("not_found");
  const mounts = { Image: "busybox", HostConfig: { Binds: ["theirs:/v"] } };
  expect(await code(scoped.containers.create(mounts))).toBe("not_found");
  await scoped.volumes.create({ Name: "ours" });
  expect((await engine.volumes.inspect("ours")).Labels).toEqual({ team: "x" });
  await scoped.networks.create({ Name: "ours" });
  expect((await engine.networks.inspect("ours")).Labels).toEqual({ team: "x" });
  expect(await code(scoped.networks.inspect("bridge"))).toBe("not_found");
  expect(await code(scoped.system.dataUsage())).toBe("forbidden");
  expect(await code(scoped.access.tokens())).toBe("forbidden");
  expect(await code(scoped.images.inspect("busybox"))).toBe("fine");
  for await (const _line of engine.images.pull("theirs"));
  expect(await code(scoped.images.tag("busybox", "theirs"))).toBe("not_found");
  expect(await code(scoped.images.tag("busybox", "new"))).toBe("fine");
});

test("within labels, lists carry the labels as a filter", async () => {
  const { token } = await engine.access.createToken({ allow: ["*"], labels: ["team=x"] });
  const seen: unknown[] = [];
  const list = engine.containers.list.bind(engine.containers);
  Object.assign(engine.containers, {
    list: (o?: Parameters<typeof list>[0]) => (seen.push(o?.filters), list(o)),
  });
  await ask(socket, "GET", '/containers/json?filters={"label":["a=b"],"status":["running"]}', bearer(token));
  expect(seen).toEqual([{ label: ["a=b", "team=x"], status: ["running"] }]);
});

test("slipway token and slipway engine socket make, list and remove ways in", async () => {
  const run = async (...words: string[]) => {
    const env = { PATH: process.env["PATH"], HOME: directory, DOCKER_HOST: `unix://${socket}` };
    const child = Bun.spawn([...slipway, ...words], { env, stdout: "pipe", stderr: "pipe" });
    const [stdout, stderr, code] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    return { stdout, stderr, code };
  };
  const made = await run(
    "token",
    "create",
    "--allow",
    "containers:read,logs",
    "--label",
    "team=x",
    "--name",
    "ci",
  );
  expect(made.stdout).toMatch(/^slw_\S{43}\n$/);
  expect((await run("token", "ls")).stdout).toMatch(/ci +containers:read,logs +team=x/);
  expect((await ask(socket, "GET", "/containers/json", bearer(made.stdout.trim()))).status).toBe(200);
  expect((await ask(socket, "GET", "/images/json", bearer(made.stdout.trim()))).status).toBe(403);
  expect((await run("token", "rm", "ci")).stdout).toBe("ci\n");
  expect((await ask(socket, "GET", "/containers/json", bearer(made.stdout.trim()))).status).toBe(401);
  const path = join(directory, "readers.sock");
  expect(
    (await run("engine", "socket", "add", "--scope", "images:read", "--socket-mode", "600", path)).stdout,
  ).toBe(`${path}\n`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await ask(path, "GET", "/images/json")).status).toBe(200);
  expect((await ask(path, "GET", "/containers/json")).status).toBe(403);
  const { token } = await engine.access.createToken({ allow: ["*"], labels: [] });
  expect((await ask(path, "GET", "/containers/json", bearer(token))).status).toBe(403);
  expect((await run("engine", "socket", "ls", "-q")).stdout).toBe(`${path}\n`);
  expect((await run("engine", "socket", "rm", path)).code).toBe(0);
  expect(await ask(path, "GET", "/images/json").catch(() => "closed")).toBe("closed");
});
