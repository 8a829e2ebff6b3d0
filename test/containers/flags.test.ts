/** Options of `run` that reach the kernel, the logs or other containers, each with real containers. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { mountAll } from "../../src/platform/mount-all.ts";
import { detachMount } from "../../src/platform/mount.ts";
import type { ContainerCreate } from "../../src/engine/types/container.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { configOf, EngineProcess, build, makeBusybox, run, slipway, start } from "../engine/lab.ts";
import { until } from "../until.ts";
import { failure } from "../engine/rejects.ts";

let at: EngineProcess;
let engine: Engine;

beforeAll(async () => {
  at = await EngineProcess.start();
  engine = at.engine;
  await makeBusybox(engine, at.root);
});
afterAll(async () => await at?.[Symbol.asyncDispose]());

const remove = (id: string) => engine.containers.remove(id, { force: true, volumes: true });
const sh = (script: string) => ["sh", "-c", script];

test("--volumes-from gives the binds and volumes of another container", async () => {
  const host = mkdtempSync(join(tmpdir(), "slipway-bind-"));
  writeFileSync(join(host, "file"), "bound");
  const mounts = { Binds: [`${host}:/b`], Mounts: [{ Type: "volume", Target: "/v" } as const] };
  const script = "echo kept >/v/file; sleep 1000";
  const id = await start(engine, sh(script), { name: "donor", HostConfig: mounts });
  await until(
    async () =>
      (await run(engine, sh("cat /v/file"), { HostConfig: { VolumesFrom: ["donor"] } })).stdout === "kept\n",
  );
  const reader = { HostConfig: { VolumesFrom: ["donor:ro"] } };
  expect((await run(engine, sh("cat /b/file; touch /v/x || echo no"), reader)).stdout).toBe("boundno\n");
  expect(await failure(run(engine, ["true"], { HostConfig: { VolumesFrom: ["nobody"] } }))).toMatchObject({
    message: "--volumes-from: No such container: nobody",
  });
  await remove(id);
  rmSync(host, { recursive: true });
});

test("--runtime gives a container the other runtime of the host, for exec, pause and update too", async () => {
  const { Runtimes, DefaultRuntime } = await engine.system.info();
  expect(Object.keys(Runtimes).toSorted()).toEqual(["crun", "runc"]);
  const plain = await start(engine, ["sleep", "1000"]);
  expect((await engine.containers.inspect(plain)).HostConfig.Runtime).toBe(DefaultRuntime);
  await remove(plain);
  for (const Runtime of Object.keys(Runtimes)) {
    const id = await start(engine, ["sleep", "1000"], { HostConfig: { Runtime } });
    expect((await engine.containers.inspect(id)).HostConfig.Runtime).toBe(Runtime);
    // Each keeps its own record of what it runs.
    const state = join(configOf(at.root).runDirectory, "runtime/runtime", id);
    expect(readdirSync(state)).toContain(Runtime === "runc" ? "state.json" : "status");
    const { Id } = await engine.execs.create(id, { Cmd: ["true"] });
    await using streams = await engine.execs.start(Id);
    for await (const _ of streams.output);
    expect((await engine.execs.inspect(Id)).ExitCode).toBe(0);
    await engine.containers.pause(id);
    await engine.containers.unpause(id);
    await engine.containers.stop(id, { timeout: 0 });
    await engine.containers.start(id);
    await remove(id);
  }
});

test("a read-only bind is so for what is mounted below its source, but for what --mount says of it", async () => {
  const host = mkdtempSync(join(tmpdir(), "slipway-below-"));
  mkdirSync(join(host, "sub"));
  mountAll([{ type: "tmpfs", source: "none", options: [] }], join(host, "sub"));
  try {
    const touch = sh("touch /b/sub/x 2>/dev/null && echo wrote; grep -c ' /b' /proc/mounts");
    const bind = (BindOptions: object, ReadOnly = true): ContainerCreate["HostConfig"] => ({
      Mounts: [{ Type: "bind", Source: host, Target: "/b", ReadOnly, BindOptions }],
    });
    for (const Runtime of Object.keys((await engine.system.info()).Runtimes)) {
      const said = async (more: ContainerCreate["HostConfig"]) =>
        (await run(engine, touch, { HostConfig: { Runtime, ...more } })).stdout;
      expect(await said({ Binds: [`${host}:/b:ro`] })).toBe("2\n");
      expect(await said(bind({ ReadOnlyForceRecursive: true }))).toBe("2\n");
      expect(await said(bind({ ReadOnlyNonRecursive: true }))).toBe("wrote\n2\n");
      expect(await said(bind({ NonRecursive: true }))).toBe("1\n");
      expect(await said(bind({}, false))).toBe("wrote\n2\n");
    }
  } finally {
    detachMount(join(host, "sub"));
    rmSync(host, { recursive: true });
  }
});

test("--ipc shares memory with who asks for it, and --network container:NAME the network", async () => {
  const shares = { name: "shares", HostConfig: { IpcMode: "shareable", ShmSize: 8 << 20 } };
  const donor = await start(engine, sh("echo shared > /dev/shm/word; sleep 1000"), shares);
  const look = sh("cat /dev/shm/word; df /dev/shm | tail -n 1");
  for (const Runtime of Object.keys((await engine.system.info()).Runtimes))
    await until(async () =>
      /^shared\nshm +8192 /.test(
        (await run(engine, look, { HostConfig: { Runtime, IpcMode: "container:shares" } })).stdout,
      ),
    );
  const none = await run(engine, sh("grep -c /dev/shm /proc/mounts"), { HostConfig: { IpcMode: "none" } });
  expect(none.stdout).toBe("0\n");
  const child = Bun.spawn(
    [...slipway, "run", "--rm", "--network", "container:shares", "busybox", "hostname"],
    {
      env: { ...process.env, SLIPWAY_ROOT: at.root, SLIPWAY_SOCKET: at.socket },
    },
  );
  expect(await child.stdout.text()).toBe(`${donor.slice(0, 12)}\n`);
  const other = await start(engine, ["sleep", "1000"]);
  const refused = await failure(run(engine, ["true"], { HostConfig: { IpcMode: `container:${other}` } }));
  expect(refused).toMatchObject({ message: expect.stringContaining("non-shareable IPC") });
  await remove(donor);
  await remove(other);
  expect((await engine.system.check()).problems).toEqual([]);
});

test("a start by hand counts restarts anew", async () => {
  const RestartPolicy = { Name: "on-failure", MaximumRetryCount: 1 } as const;
  const id = await start(engine, ["false"], { HostConfig: { RestartPolicy } });
  const settled = async () => {
    const { RestartCount, State } = await engine.containers.inspect(id);
    return RestartCount === 1 && State.Status === "exited";
  };
  await until(settled);
  await engine.containers.start(id);
  expect((await engine.containers.inspect(id)).RestartCount).toBeLessThanOrEqual(1);
  await until(settled);
  const ends = engine.system.events({
    filters: { container: [id], event: ["die"] },
    since: new Date(0),
    until: new Date(),
  });
  expect((await Array.fromAsync(ends)).length).toBe(4);
  await remove(id);
});

test("--link gives names and variables, and follows the other container's address", async () => {
  const { Id } = await engine.containers.create({
    Image: "busybox",
    name: "db",
    Cmd: ["sleep", "1000"],
    Env: ["WORD=x"],
    ExposedPorts: { "5432/tcp": {} },
  });
  const spec = { HostConfig: { Links: ["db:store"] } };
  expect(await failure(run(engine, ["true"], { name: "early", ...spec }))).toMatchObject({
    message: expect.stringContaining("Cannot link to a non running container: /db AS /early/store"),
  });
  await engine.containers.start(Id);
  const { stdout } = await run(engine, sh("grep store /etc/hosts; env; ping -c1 -W9 store"), {
    name: "app",
    ...spec,
  });
  const address = (await engine.containers.inspect("db")).NetworkSettings.IPAddress;
  expect(stdout).toContain(`${address}\tstore ${Id.slice(0, 12)} db\n`);
  expect(stdout).toContain(`STORE_PORT_5432_TCP=tcp://${address}:5432`);
  expect(stdout).toContain("STORE_NAME=/app/store");
  expect(stdout).toContain("STORE_ENV_WORD=x");
  expect(stdout).toContain("1 packets received");
  const later = await engine.containers.create({ Image: "busybox", Cmd: ["env"], ...spec });
  await engine.containers.rename("db", "renamed");
  const usurper = await engine.containers.create({ Image: "busybox", name: "db" });
  await engine.containers.start(later.Id);
  expect((await engine.containers.wait(later.Id)).StatusCode).toBe(0);
  const { output } = await engine.containers.logs(later.Id, { stdout: true });
  const said = Buffer.concat((await Array.fromAsync(output)).map(({ data }) => data)).toString();
  expect(said).toContain("STORE_ENV_WORD=x");
  for (const id of [Id, later.Id, usurper.Id]) await remove(id);
});

test("--mount type=image shows an image's files, read-only, also after the image is gone", async () => {
  const context = mkdtempSync(join(tmpdir(), "slipway-image-"));
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY data /dir/data\n");
  writeFileSync(join(context, "data"), "inside");
  await build(engine, { context: { kind: "directory", path: context }, tags: ["files:latest"] });
  const mount = { Type: "image", Source: "files", Target: "/img" } as const;
  const script = "cat /img/dir/data; touch /img/x || echo no; cat /sub/data";
  const id = await start(engine, sh(`${script}; sleep 1000`), {
    HostConfig: { Mounts: [mount, { ...mount, Target: "/sub", ImageOptions: { Subpath: "dir" } }] },
  });
  await engine.images.remove("files", { force: true });
  const borrower = { HostConfig: { VolumesFrom: [id] } };
  expect((await run(engine, sh("cat /sub/data"), borrower)).stdout).toBe("inside");
  const text = async () => {
    const chunks = await Array.fromAsync((await engine.containers.logs(id, { stdout: true })).output);
    return Buffer.concat(chunks.map(({ data }) => data)).toString();
  };
  await until(async () => (await text()) === "insideno\ninside");
  await engine.containers.restart(id, { timeout: 0 });
  await until(async () => (await text()) === "insideno\ninsideinsideno\ninside");
  await remove(id);
  expect((await engine.system.check()).problems).toEqual([]);
  rmSync(context, { recursive: true });
});

test("--device-cgroup-rule, --cgroup-parent and --security-opt reach the container", async () => {
  const HostConfig = {
    DeviceCgroupRules: ["c 10:200 rwm"],
    CgroupParent: "/slipway-test/deep",
    CapAdd: ["MKNOD"],
    SecurityOpt: ["no-new-privileges"],
  };
  const script = "grep -c slipway-test/deep /proc/self/cgroup; grep NoNewPrivs /proc/self/status";
  const { stdout } = await run(engine, sh(script), { HostConfig });
  expect(stdout).toMatch(/^[1-9]\d*\nNoNewPrivs:\t1\n$/);
  for (const controller of readdirSync("/sys/fs/cgroup"))
    for (const path of ["slipway-test/deep", "slipway-test"])
      rmSyncQuietly(join("/sys/fs/cgroup", controller, path));
});

function rmSyncQuietly(path: string): void {
  Bun.spawnSync(["rmdir", path], { stderr: "ignore" });
}

describe("health", () => {
  const health = (script: string, Retries = 2) => ({
    Healthcheck: { Test: ["CMD-SHELL", script], Interval: 100_000_000, Retries, Timeout: 60_000_000_000 },
  });

  test("wait for healthy", async () => {
    const id = await start(engine, sh("sleep 0.3; touch /ok; sleep 1000"), health("test -e /ok", 1000));
    expect(await engine.containers.wait(id, { condition: "healthy" })).toEqual({ StatusCode: 0 });
    expect((await engine.containers.inspect(id)).State.Health?.Status).toBe("healthy");
    await remove(id);
    const sick = await start(engine, ["sleep", "1000"], { name: "sick", ...health("echo bad; false") });
    expect(await failure(engine.containers.wait(sick, { condition: "healthy" }))).toMatchObject({
      message: "container sick is unhealthy: bad",
    });
    await remove(sick);
    const none = await start(engine, ["sleep", "1000"], { name: "plain" });
    expect(await failure(engine.containers.wait(none, { condition: "healthy" }))).toMatchObject({
      message: "container plain has no health check",
    });
    await remove(none);
  });

  test("--restart-unhealthy starts the container again", async () => {
    const script = "test -e /sick || { touch /sick; sleep 1000; }; rm /sick; touch /well; exec sleep 1000";
    const id = await start(engine, sh(script), {
      HostConfig: { RestartUnhealthy: true },
      StopSignal: "SIGKILL",
      ...health("test -e /well"),
    });
    expect(await engine.containers.wait(id, { condition: "healthy" })).toEqual({ StatusCode: 0 });
    expect((await engine.containers.inspect(id)).RestartCount).toBe(1);
    await remove(id);
  });
});

describe("logs", () => {
  const limits = (size: string, count: string) => ({
    HostConfig: { LogConfig: { Type: "json-file", Config: { "max-size": size, "max-file": count } } },
  });

  test("a rotated log loses no line for who is attached, also over a kill of the engine", async () => {
    const { stdout } = await run(engine, ["seq", "100000"], limits("100k", "2"));
    expect(stdout.length).toBe(588_895);
    const id = await start(engine, sh("i=0; while :; do i=$((i+1)); echo $i; done"), limits("20k", "3"));
    const { LogPath } = await engine.containers.inspect(id);
    const names = () => readdirSync(dirname(LogPath)).filter((name) => name.startsWith("container.log"));
    await until(() => names().includes("container.log.2"));
    await at.kill();
    await at.restart();
    engine = at.engine;
    // It goes on: the newest file is again another one.
    const newest = () => statSync(LogPath, { throwIfNoEntry: false })?.ino;
    const before = newest();
    await until(() => ![undefined, before].includes(newest()) && !names().includes("container.log.3"));
    await engine.containers.stop(id, { timeout: 0 });
    const { output } = await engine.containers.logs(id, { stdout: true });
    const text = Buffer.concat((await Array.fromAsync(output)).map(({ data }) => data)).toString();
    const numbers = text.trimEnd().split("\n").map(Number);
    numbers.forEach((number, index) => {
      if (number !== (numbers[0] ?? 0) + index) throw new Error(`line ${index} reads ${number}`);
    });
    expect(numbers.length).toBeGreaterThan(300);
    await remove(id);
  });

  test("options are checked in Docker's words, and details shown", async () => {
    const refused = async (Type: string, Config: Record<string, string>) =>
      await failure(
        engine.containers.create({ Image: "busybox", HostConfig: { LogConfig: { Type, Config } } }),
      );
    expect(await refused("json-file", { bogus: "1" })).toMatchObject({
      message: "unknown log opt 'bogus' for json-file log driver",
    });
    expect(await refused("json-file", { "max-file": "0" })).toMatchObject({
      message: "max-file cannot be less than 1",
    });
    expect(await refused("nosuch", {})).toMatchObject({
      message: "logger: no log driver named 'nosuch' is registered",
    });
    expect(await refused("gelf", {})).toMatchObject({ code: "not_implemented" });
    expect(await refused("local", { "max-buffer-size": "1m" })).toMatchObject({
      message: "logger: max-buffer-size option is only supported with 'mode=non-blocking'",
    });
    const id = await start(engine, sh("echo hi"), {
      Labels: { team: "a b" },
      HostConfig: {
        LogConfig: {
          Type: "local",
          Config: { labels: "team", tag: "t", mode: "non-blocking", "max-buffer-size": "4m" },
        },
      },
    });
    await engine.containers.wait(id);
    const { output } = await engine.containers.logs(id, { stdout: true, details: true });
    expect(Buffer.concat((await Array.fromAsync(output)).map(({ data }) => data)).toString()).toBe(
      "tag=t,team=a%20b hi\n",
    );
    await remove(id);
  });
});

test("a restarted engine remembers events and its ID, and info warns of ports open to the world", async () => {
  const { ID } = await engine.system.info();
  const HostConfig = {
    PortBindings: {
      "80/tcp": [{ HostIp: "", HostPort: "" }],
      "81/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }],
    },
  };
  const id = await start(engine, ["sleep", "1000"], { name: "open", HostConfig });
  await at.kill();
  await at.restart();
  engine = at.engine;
  const info = await engine.system.info();
  const { Ports } = (await engine.containers.inspect(id)).NetworkSettings;
  expect(info.ID).toBe(ID);
  expect(info.Warnings).toEqual([
    expect.stringContaining(`open to the world: ${Ports["80/tcp"]?.[0]?.HostPort}/tcp (open);`),
  ]);
  await remove(id);
  const actions: string[] = [];
  const filter = { since: new Date(0), filters: { container: ["open"] } };
  for await (const { Action } of engine.system.events(filter)) {
    actions.push(Action);
    if (Action === "destroy") break;
  }
  expect(actions).toEqual(expect.arrayContaining(["create", "start", "die", "destroy"]));
});
