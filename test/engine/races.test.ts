import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { EngineProcess, build, makeBusybox, run } from "./lab.ts";
import { until } from "../until.ts";
import { failure } from "./rejects.ts";

let at: EngineProcess;

beforeAll(async () => {
  at = await EngineProcess.start();
  await makeBusybox(at.engine, at.root);
});

afterAll(async () => await at[Symbol.asyncDispose]());

test("builds, runs and removals go on while the collector works", async () => {
  const { engine } = at;
  const done = new AbortController();
  const collecting = (async () => {
    while (!done.signal.aborted) {
      await engine.images.prune();
      await engine.builds.prune({ all: true });
      await Bun.sleep(5);
    }
  })();
  const worker = async (name: string) => {
    for (let round = 0; round < 8; round += 1) {
      const tag = `race-${name}:${round}`;
      const text = `FROM busybox\nRUN echo ${tag} > /made\nCMD ["cat", "/made"]\n`;
      await build(engine, { context: { kind: "empty" }, dockerfile: { text }, tags: [tag] });
      const ran = await run(engine, [], { Image: tag });
      expect(ran).toMatchObject({ code: 0, stdout: `${tag}\n` });
      await engine.images.remove(tag);
    }
  };
  try {
    await Promise.all(["a", "b", "c"].map(worker));
  } finally {
    done.abort();
    await collecting;
  }
  await engine.images.prune();
  const { checked, problems } = await engine.system.check();
  expect({ images: checked.images, snapshots: checked.snapshots, problems }).toEqual({
    images: 1,
    snapshots: 1,
    problems: [],
  });
}, 240_000);

test("of several creations with one name, starts and removals of one container, one succeeds", async () => {
  const { containers } = at.engine;
  const create = () => failure(containers.create({ Image: "busybox", name: "one", Cmd: ["sleep", "100"] }));
  const created = await Promise.all([create(), create(), create(), create()]);
  expect(created.filter((each) => each === undefined).length).toBe(1);
  expect(created.filter((each) => each?.code === "conflict").length).toBe(3);
  const started = await Promise.all([1, 2, 3].map(() => failure(containers.start("one"))));
  expect(started.map((each) => each?.code).toSorted()).toEqual(["not_modified", "not_modified", undefined]);
  await Promise.all([1, 2, 3].map(() => containers.remove("one", { force: true }).catch(() => undefined)));
  expect(await containers.list({ all: true })).toEqual([]);
  expect((await at.engine.system.check()).problems).toEqual([]);
}, 90_000);

test("containers that share a pull, a build or a volume do not get in each other's way", async () => {
  const { engine } = at;
  const text = "FROM busybox\nRUN mkdir /v && echo filled > /v/f\nVOLUME /v\n";
  const request = { context: { kind: "empty" } as const, dockerfile: { text }, tags: ["shared"] };
  const ids = await Promise.all([1, 2, 3, 4].map(async () => (await build(engine, request)).id));
  expect(new Set(ids).size).toBe(1);
  const HostConfig = { Binds: ["same:/v"] };
  const all = await Promise.all(
    [1, 2, 3, 4, 5, 6].map(() => run(engine, ["cat", "/v/f"], { Image: "shared", HostConfig })),
  );
  expect(all.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 6 }, () => "filled\n"));
  await engine.volumes.remove("same");
}, 90_000);

test("what a run held is free when the run is over: port, address, network", async () => {
  const { engine } = at;
  await engine.networks.create({ Name: "short" });
  const HostConfig = {
    NetworkMode: "short",
    PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "39871" }] },
  };
  for (let round = 0; round < 5; round += 1)
    expect((await run(engine, ["true"], { HostConfig })).code).toBe(0);
  await engine.networks.remove("short");
}, 90_000);

test("a volume with a mount of its own is mounted while containers use it", async () => {
  const { engine, root } = at;
  await engine.volumes.create({ Name: "mem", DriverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m" } });
  const HostConfig = { Binds: ["mem:/mem"] };
  const { stdout } = await run(engine, ["sh", "-c", "mount | grep -c ' /mem type tmpfs'"], { HostConfig });
  expect(stdout).toBe("1\n");
  await until(() => !readFileSync("/proc/self/mountinfo", "utf8").includes(`${root}/volumes/`));
  await engine.volumes.remove("mem");
}, 90_000);
