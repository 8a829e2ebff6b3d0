import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveEngine } from "../../src/api/serve-engine.ts";
import type { HttpServer } from "../../src/api/http/listen.ts";
import { RemoteEngine } from "../../src/client/remote-engine.ts";
import type { AttachStream } from "../../src/engine/engine.ts";
import { isCode } from "../../src/errors.ts";
import { memoryEngine, type MemoryEngine } from "../fixtures/memory-engine/engine.ts";

let directory: string;
let local: MemoryEngine;
let server: HttpServer;
let engine: RemoteEngine;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-api-"));
  local = memoryEngine();
  const path = join(directory, "engine.sock");
  server = await serveEngine(local, { address: { path }, version: "0.1.0" });
  engine = new RemoteEngine({ socketPath: path });
  for await (const _line of engine.images.pull("busybox"));
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const code = (wanted: Parameters<typeof isCode>[1]) => (error: unknown) => {
  expect(isCode(error, wanted) ? wanted : String(error)).toBe(wanted);
  return true;
};

async function rejection(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function collect(streams: Pick<AttachStream, "output">): Promise<{ stdout: string; stderr: string }> {
  const out = { stdout: "", stderr: "" };
  for await (const { stream, data } of streams.output) out[stream] += Buffer.from(data).toString();
  return out;
}

async function create(cmd: string[], more: object = {}): Promise<string> {
  return (await engine.containers.create({ Image: "busybox", Cmd: cmd, ...more })).Id;
}

test("RemoteEngine carries documents of every service", async () => {
  expect((await engine.system.version()).ApiVersion).toBe("1.50");
  expect((await engine.system.info()).Name).toBe("memory");
  expect((await engine.system.check()).checked.blobs).toBe(1);
  expect(await engine.networks.list()).toEqual([]);
  const { Id } = await engine.networks.create({ Name: "net", Labels: { a: "b" } });
  expect((await engine.networks.inspect("net")).Id).toBe(Id);
  await engine.networks.connect("net", "c1", { Aliases: ["x"] });
  expect(Object.keys((await engine.networks.inspect("net")).Containers)).toEqual(["c1"]);
  await engine.networks.disconnect("net", "c1", { force: true });
  await engine.networks.remove("net");
  expect((await engine.volumes.create({ Name: "vol" })).Name).toBe("vol");
  expect((await engine.volumes.list()).Volumes.map(({ Name }) => Name)).toEqual(["vol"]);
  await engine.volumes.remove("vol");
});

test("RemoteEngine.images names references with registry, port and digest", async () => {
  for await (const _line of engine.images.pull("localhost:5000/team/app:v1"));
  const image = await engine.images.inspect("localhost:5000/team/app:v1");
  expect(image.RepoTags).toEqual(["localhost:5000/team/app:v1"]);
  await engine.images.tag("localhost:5000/team/app:v1", "other/app:v2");
  expect((await engine.images.history("other/app:v2"))[0]?.Id).toBe(image.Id);
  const pushed: object[] = [];
  for await (const line of engine.images.push("other/app:v2")) pushed.push(line);
  expect(pushed.at(-1)).toHaveProperty("aux");
  expect(await engine.images.remove("other/app:v2")).toEqual([{ Untagged: "other/app:v2" }]);
});

test("RemoteEngine.images.pull() throws the engine's code before and within the stream", async () => {
  const pull = async (name: string) => {
    const lines: object[] = [];
    const error = await rejection(
      (async () => {
        for await (const line of engine.images.pull(name)) lines.push(line);
      })(),
    );
    return { lines, error };
  };
  const refused = await pull("nowhere");
  code("not_found")(refused.error);
  const broken = await pull("missing");
  code("data_loss")(broken.error);
  expect(broken.lines).toHaveLength(2);
});

test("RemoteEngine.images.save() and load() stream without a limit", async () => {
  const saved: Uint8Array[] = [];
  for await (const chunk of await engine.images.save(["busybox"])) saved.push(chunk);
  expect(Buffer.concat(saved).toString()).toStartWith("sha256:");
  async function* archive() {
    const chunk = new Uint8Array(1 << 18);
    for (let sent = 0; sent < 400; sent++) yield chunk;
  }
  const lines: object[] = [];
  for await (const line of engine.images.load(archive())) lines.push(line);
  expect(lines).toEqual([{ stream: `Loaded image: loaded:latest (${400 * (1 << 18)} bytes)\n` }]);
});

test("RemoteEngine throws the engine's codes", async () => {
  code("not_found")(await rejection(engine.containers.inspect("none")));
  code("not_found")(await rejection(engine.containers.wait("none")));
  code("not_found")(await rejection(engine.containers.attach("none", { stdout: true, stream: true })));
  code("unauthorized")(await rejection(engine.system.auth({ username: "u", password: "wrong" })));
  const id = await create(["sleep"], { name: "twice" });
  code("conflict")(await rejection(create(["sleep"], { name: "twice" })));
  await engine.containers.start(id);
  code("not_modified")(await rejection(engine.containers.start(id)));
  code("not_implemented")(await rejection(engine.containers.pause(id)));
  await engine.containers.remove(id, { force: true });
});

test("RemoteEngine throws unavailable when nobody listens", async () => {
  const nobody = new RemoteEngine({ socketPath: join(directory, "none.sock") });
  code("unavailable")(await rejection(nobody.system.version()));
  code("unavailable")(await rejection(nobody.containers.attach("x", { stream: true })));
});

test("RemoteEngine.containers attaches both ways, with half-close and both streams", async () => {
  const id = await create(["cat"], { OpenStdin: true });
  await using streams = await engine.containers.attach(id, {
    stdin: true,
    stdout: true,
    stderr: true,
    stream: true,
  });
  expect(streams.tty).toBe(false);
  await engine.containers.start(id);
  await streams.write(Buffer.from("one "));
  await streams.write(Buffer.from("two"));
  await streams.closeInput();
  expect(await collect(streams)).toEqual({ stdout: "one two", stderr: "" });
  expect((await engine.containers.inspect(id)).State.ExitCode).toBe(0);
});

test("RemoteEngine.containers attaches to a terminal without frames", async () => {
  const id = await create(["echo", "hi"], { Tty: true });
  await using streams = await engine.containers.attach(id, { stdout: true, stream: true });
  await engine.containers.start(id);
  expect(streams.tty).toBe(true);
  expect((await collect(streams)).stdout).toBe("hi\ndone\n");
});

test("RemoteEngine.containers.wait() stands before a start that is called after it", async () => {
  for (let round = 0; round < 50; round++) {
    const id = await create(["false"]);
    const waiting = engine.containers.wait(id, { condition: "next-exit" });
    await engine.containers.start(id);
    expect(await waiting).toEqual({ StatusCode: 1 });
  }
});

test("RemoteEngine.containers.logs() separates the streams and follows until the end", async () => {
  const id = await create(["echo", "line"]);
  await engine.containers.start(id);
  const logs = await engine.containers.logs(id, { stdout: true, stderr: true, follow: true });
  expect(await collect(logs)).toEqual({ stdout: "line\n", stderr: "done\n" });
});

test("RemoteEngine.containers.logs() stops by its signal", async () => {
  const id = await create(["sleep"]);
  await engine.containers.start(id);
  const abort = new AbortController();
  const logs = await engine.containers.logs(id, { stdout: true, follow: true }, { signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  code("cancelled")(await rejection(collect(logs)));
  await engine.containers.remove(id, { force: true });
});

test("RemoteEngine.containers carries much output whole", async () => {
  const id = await create(["flood", "300"]);
  await using streams = await engine.containers.attach(id, { stdout: true, stream: true });
  await engine.containers.start(id);
  let size = 0;
  for await (const { data } of streams.output) size += data.length;
  expect(size).toBe(300 * 65536);
});

test("RemoteEngine.execs runs, attaches and tells the exit code", async () => {
  const id = await create(["sleep"]);
  await engine.containers.start(id);
  const exec = await engine.execs.create(id, { Cmd: ["echo", "x"], AttachStdout: true });
  await using streams = await engine.execs.start(exec.Id);
  expect((await collect(streams)).stdout).toBe("x\n");
  expect((await engine.execs.inspect(exec.Id)).ExitCode).toBe(0);
  const silent = await engine.execs.create(id, { Cmd: ["false"] });
  await using _none = await engine.execs.start(silent.Id, { detach: true });
  expect((await engine.execs.inspect(silent.Id)).ExitCode).toBe(1);
  await engine.containers.remove(id, { force: true });
});

test("RemoteEngine.system.events() sees what happens and ends with its signal", async () => {
  const abort = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const event of engine.system.events({}, { signal: abort.signal })) seen.push(event.Action);
  })();
  await Bun.sleep(30);
  const id = await create(["false"]);
  await engine.containers.start(id);
  await Bun.sleep(30);
  abort.abort();
  await watching;
  expect(seen).toEqual(["create", "start", "die"]);
});

test("RemoteEngine.builds.build() carries every event, the context and credentials", async () => {
  async function* context() {
    yield new Uint8Array(1000);
    yield new Uint8Array(24);
  }
  const auths = { "localhost:5000": { username: "u", password: "secret" } };
  const request = {
    context: { kind: "tar", stream: context() },
    tags: ["t1"],
    buildArgs: { A: "1" },
  } as const;
  const events: string[] = [];
  for await (const event of engine.builds.build(request, { auths })) events.push(event.type);
  expect(events).toEqual([
    "instructions",
    "vertex",
    "vertex",
    "started",
    "completed",
    "started",
    "log",
    "completed",
    "image",
  ]);
  expect(local.seen.contextBytes).toBe(1024);
  expect(local.seen.auth).toEqual(auths);
  expect(local.seen.build).toMatchObject({ tags: ["t1"], buildArgs: { A: "1" } });
});

test("RemoteEngine.builds.build() throws the engine's code", async () => {
  const build = async () => {
    for await (const _event of engine.builds.build({
      context: { kind: "directory", path: "/ctx" },
      target: "bad",
    }));
  };
  code("invalid_argument")(await rejection(build()));
  expect(local.seen.build?.context).toEqual({ kind: "directory", path: "/ctx" });
});
