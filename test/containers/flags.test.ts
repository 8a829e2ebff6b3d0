/** Options of `run` that reach the kernel, the logs or other containers, each with real containers. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import type { ContainerCreate } from "../../src/engine/types/container.ts";
import { EngineProcess, build, configOf, makeBusybox, run, start } from "../engine/lab.ts";
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

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await what());) {
    if (Date.now() > deadline) throw new Error("it did not come true in time");
    await Bun.sleep(20);
  }
}

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
    expect(await refused("syslog", {})).toMatchObject({ code: "not_implemented" });
    const id = await start(engine, sh("echo hi"), {
      Labels: { team: "a b" },
      HostConfig: { LogConfig: { Type: "local", Config: { labels: "team", tag: "t" } } },
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

type Bad = [why: string, spec: Partial<ContainerCreate>, words: string];
const memory = 1 << 30;
const refusals: Bad[] = [
  [
    "working directory",
    { WorkingDir: "here" },
    "the working directory 'here' is invalid, it needs to be an absolute path",
  ],
  [
    "bind source",
    { HostConfig: { Mounts: [{ Type: "bind", Source: "/no/such", Target: "/x" }] } },
    'invalid mount config for type "bind": bind source path does not exist: /no/such',
  ],
  ["duplicate target", { HostConfig: { Binds: ["/tmp:/x", "/var:/x"] } }, "Duplicate mount point: /x"],
  [
    "image mount",
    { HostConfig: { Mounts: [{ Type: "image", Source: "nothing", Target: "/x" }] } },
    "No such image: nothing",
  ],
  ["memory", { HostConfig: { Memory: 1 } }, "Minimum memory limit allowed is 6MB"],
  [
    "swap",
    { HostConfig: { Memory: memory, MemorySwap: memory - 1 } },
    "Minimum memoryswap limit should be larger than memory limit, see usage",
  ],
  [
    "swap alone",
    { HostConfig: { MemorySwap: memory } },
    "You should always set the Memory limit when using Memoryswap limit, see usage",
  ],
  [
    "reservation",
    { HostConfig: { Memory: memory, MemoryReservation: 2 * memory } },
    "Minimum memory limit can not be less than memory reservation limit, see usage",
  ],
  ["processors", { HostConfig: { NanoCpus: 9_000_000_000_000 } }, "range of CPUs is from 0.01 to"],
  [
    "processor and quota",
    { HostConfig: { NanoCpus: 1e9, CpuQuota: 5000 } },
    "Conflicting options: Nano CPUs and CPU Quota cannot both be set",
  ],
  [
    "period",
    { HostConfig: { CpuPeriod: 5 } },
    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
  ],
  [
    "cpuset",
    { HostConfig: { CpusetCpus: "4000" } },
    "Requested CPUs are not available - requested 4000, available: ",
  ],
  ["cpuset grammar", { HostConfig: { CpusetCpus: "a" } }, "Invalid value a for cpuset cpus"],
  [
    "memory nodes",
    { HostConfig: { CpusetMems: "99" } },
    "Requested memory nodes are not available - requested 99, available: ",
  ],
  ["weight", { HostConfig: { BlkioWeight: 5 } }, "Range of blkio weight is from 10 to 1000"],
  [
    "score",
    { HostConfig: { OomScoreAdj: 2000 } },
    "Invalid value 2000, range for oom score adj is [-1000, 1000]",
  ],
  ["user namespace", { HostConfig: { UsernsMode: "x" } }, "invalid user namespace mode: x"],
  ["PID mode", { HostConfig: { PidMode: "x" } }, "invalid PID mode: x"],
  ["IPC mode", { HostConfig: { IpcMode: "x" } }, "invalid IPC mode: x"],
  ["isolation", { HostConfig: { Isolation: "hyperv" } }, "invalid isolation 'hyperv' on linux"],
  ["runtime", { HostConfig: { Runtime: "kata" } }, "unknown or invalid runtime name: kata"],
  [
    "GPU",
    { HostConfig: { DeviceRequests: [{ Count: -1, Capabilities: [["gpu"]] }] } },
    'could not select device driver "" with capabilities: [[gpu]]',
  ],
  ["device rule", { HostConfig: { DeviceCgroupRules: ["x"] } }, "invalid device cgroup rule format: 'x'"],
  ["security option", { HostConfig: { SecurityOpt: ["bogus=1"] } }, 'invalid --security-opt 2: "bogus=1"'],
  ["capability", { HostConfig: { CapAdd: ["FLY"] } }, "unknown capability"],
  ["volume driver", { HostConfig: { VolumeDriver: "nfs" } }, "--volume-driver nfs is not supported"],
  ["storage option", { HostConfig: { StorageOpt: { bogus: "1" } } }, "unknown option bogus"],
  [
    "link",
    { HostConfig: { Links: ["nobody:x"] } },
    "could not get container for nobody: No such container: nobody",
  ],
  [
    "link on the host's network",
    { HostConfig: { Links: ["a:b"], NetworkMode: "host" } },
    "conflicting options: host type networking can't be used with links",
  ],
  ["stop signal", { StopSignal: "SIGNOPE" }, "invalid signal"],
  ["platform", { platform: "linux/s390x" }, "does not match the specified platform (linux/s390x)"],
  [
    "restart policy",
    { HostConfig: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: -1 } } },
    "maximum retry count cannot be negative",
  ],
  [
    "address outside",
    { NetworkingConfig: { EndpointsConfig: { bridge: { IPAMConfig: { IPv4Address: "1.2.3.4" } } } } },
    "user specified IP address is supported on user defined networks only",
  ],
  [
    "driver-opt",
    { NetworkingConfig: { EndpointsConfig: { bridge: { DriverOpts: { a: "b" } } } } },
    "driver-opt a is not supported",
  ],
];

test("what a creation may not ask for is refused in Docker's words, and leaves nothing", async () => {
  const before = await leftovers();
  for (const [why, spec, words] of refusals) {
    const error = await failure(
      engine.containers.create({ Image: "busybox", Volumes: { "/data": {} }, ...spec }),
    );
    expect([why, (error as Error | undefined)?.message]).toEqual([why, expect.stringContaining(words)]);
  }
  expect(await leftovers()).toEqual(before);
});

const failingStarts: Bad[] = [
  ["no program", { Cmd: ["no-such"] }, "executable file not found in $PATH"],
  ["a directory", { Cmd: ["/bin"] }, "permission denied"],
  ["no user", { User: "nobody-here" }, "unable to find user nobody-here: no matching entries in passwd file"],
  ["no group", { User: "root:nothing" }, "unable to find group nothing: no matching entries in group file"],
  [
    "no device",
    {
      HostConfig: {
        Devices: [{ PathOnHost: "/dev/none", PathInContainer: "/dev/x", CgroupPermissions: "rwm" }],
      },
    },
    'error gathering device information while adding custom device "/dev/none": no such file or directory',
  ],
  [
    "no block device",
    { HostConfig: { BlkioDeviceReadBps: [{ Path: "/dev/none", Rate: 1 }] } },
    "stat /dev/none: no such file or directory",
  ],
];

test("a start that fails says why in Docker's words, and leaves nothing mounted or connected", async () => {
  const before = await leftovers();
  for (const [why, spec, words] of failingStarts) {
    const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["true"], ...spec });
    const error = await failure(engine.containers.start(Id));
    expect([why, (error as Error | undefined)?.message]).toEqual([why, expect.stringContaining(words)]);
    const { State } = await engine.containers.inspect(Id);
    expect([why, State.Status, State.Error !== ""]).toEqual([why, "created", true]);
    await remove(Id);
  }
  expect(await leftovers()).toEqual(before);
});

/** Mounts, volumes, snapshots, links: what a container can leave. */
async function leftovers(): Promise<object> {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const { checked } = await engine.system.check();
  return {
    mounts: mounts.filter((line) => line.includes(at.root) || line.includes(configOf(at.root).runDirectory))
      .length,
    volumes: (await engine.volumes.list()).Volumes.length,
    containers: (await engine.containers.list({ all: true })).length,
    snapshots: checked.snapshots,
  };
}
