/** Copies of containers, made while they run. */
import { Database } from "bun:sqlite";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { collect, EngineProcess, logs, makeBusybox, start } from "../engine/lab.ts";
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

const remove = (...names: string[]) =>
  Promise.all(names.map((name) => engine.containers.remove(name, { force: true, volumes: true })));

async function sh(name: string, script: string): Promise<string> {
  const Cmd = ["sh", "-c", script];
  const { Id } = await engine.execs.create(name, { Cmd, AttachStdout: true, AttachStderr: true });
  await using streams = await engine.execs.start(Id);
  return (await collect(streams)).stdout;
}

/** Seeds once, then writes one number after the other: first into `intent`, then into `done`. */
const database = `test -e /var/db/seed || {
    mkdir -p /var/db; seq 1 1000 > /var/db/seed; rm /etc/group; rm -r /root; mkdir /root; ln /var/db/seed /var/db/link
    echo on the volume > /data/seed
  }
  echo ready
  n=$(cat /var/db/done 2>/dev/null | wc -l)
  while :; do n=$((n+1)); echo $n >> /var/db/intent; echo $n >> /var/db/done; usleep 2000; done`;

async function seeded(name: string): Promise<void> {
  await start(engine, ["sh", "-c", database], {
    name,
    ExposedPorts: { "80/tcp": {} },
    HostConfig: {
      Binds: ["/data"],
      PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }] },
    },
  });
  await until(async () => (await logs(engine, name)).includes("ready"));
}

test("fork() of a running container has all it wrote, at one moment, and goes its own way", async () => {
  await seeded("db");
  const { Id } = await engine.containers.fork("db", "copy");
  expect((await engine.containers.inspect("db")).State.Status).toBe("running");
  expect((await engine.containers.inspect("copy")).Id).toBe(Id);
  expect(
    await sh(
      "copy",
      "wc -l < /var/db/seed; cat /data/seed; ls -A /etc/group; ls -A /root; stat -c %h /var/db/link",
    ),
  ).toBe("1000\non the volume\n2\n");
  // A number is done only after it was intended, and every one is there once: nothing was written meanwhile.
  const counts = await sh(
    "copy",
    "sort -n /var/db/done | uniq -d | wc -l; cat /var/db/done | wc -l; cat /var/db/intent | wc -l",
  );
  const [twice = 0, done = 0, intent = 0] = counts.split("\n").map(Number);
  expect(twice).toBe(0);
  expect(intent - done).toBeLessThanOrEqual(2);
  await sh("copy", "echo changed > /data/seed; echo changed > /var/db/seed");
  expect(await sh("db", "cat /data/seed; wc -l < /var/db/seed")).toBe("on the volume\n1000\n");
  await remove("db", "copy");
  expect((await engine.volumes.list()).Volumes).toEqual([]);
});

test("a fork has the same configuration, but for what can be there only once", async () => {
  await engine.networks.create({ Name: "forks" });
  await start(engine, ["sleep", "1000"], {
    name: "origin",
    Env: ["A=b"],
    Labels: { a: "b" },
    HostConfig: {
      NetworkMode: "forks",
      Memory: 64 << 20,
      PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
    },
    NetworkingConfig: { EndpointsConfig: { forks: { Aliases: ["db"] } } },
  });
  await engine.containers.fork("origin", "twin");
  const [origin, twin] = await Promise.all(["origin", "twin"].map((name) => engine.containers.inspect(name)));
  const port = (of: typeof origin) => of?.NetworkSettings.Ports["80/tcp"]?.[0]?.HostPort;
  expect(Number(port(twin))).toBeGreaterThan(0);
  expect(port(twin)).not.toBe(port(origin) ?? "");
  expect(twin?.Config).toEqual({ ...origin!.Config, Hostname: twin!.Id.slice(0, 12) });
  expect(twin?.HostConfig.Memory).toBe(64 << 20);
  const address = (of: typeof origin) => of?.NetworkSettings.Networks["forks"]?.IPAddress;
  expect(address(twin)).not.toBe(address(origin) ?? "");
  expect(twin?.NetworkSettings.Networks["forks"]?.Aliases ?? []).not.toContain("db");
  await remove("origin", "twin");
  await engine.networks.remove("forks");
});

test("fork() with shared volumes gives the same ones", async () => {
  await seeded("shared");
  await engine.containers.fork("shared", "sharer", { volumes: "share" });
  await sh("sharer", "echo from the fork > /data/new");
  expect(await sh("shared", "cat /data/new")).toBe("from the fork\n");
  await remove("shared", "sharer");
});

test("fork() of a stopped and of a paused container leaves them so", async () => {
  await seeded("still");
  await engine.containers.pause("still");
  await engine.containers.fork("still", "first");
  expect((await engine.containers.inspect("still")).State.Status).toBe("paused");
  await engine.containers.stop("still", { timeout: 0 });
  await engine.containers.fork("still", "second");
  expect((await engine.containers.inspect("still")).State.Status).toBe("exited");
  await engine.containers.fork("second", "third");
  for (const name of ["first", "second", "third"])
    expect(await sh(name, "wc -l < /var/db/seed")).toBe("1000\n");
  await remove("still", "first", "second", "third");
});

test("fork() of a stopped container copies a volume with options, and leaves it unmounted", async () => {
  const options = { type: "none", o: "bind", device: join(at.root, "../bound") };
  mkdirSync(options.device);
  await engine.volumes.create({ Name: "bound", DriverOpts: options });
  await start(engine, ["sh", "-c", "echo seed > /data/seed; exec sleep 1000"], {
    name: "halted",
    HostConfig: { Binds: ["bound:/data"] },
  });
  await until(() => existsSync(join(options.device, "seed")));
  await engine.containers.stop("halted", { timeout: 0 });
  await engine.containers.fork("halted", "going");
  expect(await sh("going", "cat /data/seed")).toBe("seed\n");
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(join(at.root, "volumes/bound/"));
  await remove("halted", "going");
  await engine.volumes.remove("bound");
});

test("fork() refuses a name that is taken, and leaves nothing", async () => {
  await seeded("taken");
  const before = (await engine.volumes.list()).Volumes.length;
  expect(await failure(engine.containers.fork("taken", "taken"))).toMatchObject({ code: "conflict" });
  expect(await failure(engine.containers.fork("nobody", "copy"))).toMatchObject({ code: "not_found" });
  expect(await failure(engine.containers.fork("taken", "-"))).toMatchObject({ code: "invalid_argument" });
  expect((await engine.volumes.list()).Volumes.length).toBe(before);
  expect((await engine.containers.list({ all: true })).length).toBe(1);
  await remove("taken");
  expect((await engine.system.check()).problems).toEqual([]);
});

test("fork() with autoRemove takes the copy and its volumes away at its end, whatever the source's policy", async () => {
  await start(engine, ["sleep", "1000"], {
    name: "kept",
    HostConfig: { Binds: ["/data"], RestartPolicy: { Name: "always", MaximumRetryCount: 0 } },
  });
  await engine.containers.fork("kept", "fleeting", { autoRemove: true });
  const { HostConfig } = await engine.containers.inspect("fleeting");
  expect(HostConfig).toMatchObject({ AutoRemove: true, RestartPolicy: { Name: "no" } });
  await engine.containers.stop("fleeting", { timeout: 0 });
  await until(async () => (await engine.containers.list({ all: true })).length === 1);
  await until(async () => (await engine.volumes.list()).Volumes.length === 1);
  await remove("kept");
});

test("a fork that was not yet flushed when its engine died is removed by the next one", async () => {
  await seeded("whole");
  await engine.containers.fork("whole", "half");
  await at.kill();
  using db = new Database(join(at.root, "state.db"));
  db.run(
    `UPDATE records SET body = json_set(body, '$.pending', json('true')) WHERE body ->> '$.name' = 'half'`,
  );
  await at.restart();
  engine = at.engine;
  expect((await engine.containers.list({ all: true })).map(({ Names }) => Names)).toEqual([["/whole"]]);
  expect((await engine.containers.inspect("whole")).State.Status).toBe("running");
  expect((await engine.volumes.list()).Volumes.length).toBe(1);
  await remove("whole");
  expect((await engine.system.check()).problems).toEqual([]);
});
