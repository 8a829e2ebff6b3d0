import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { killDuringBuilds, killDuringPulls, killDuringRuns } from "./kill-rounds.ts";
import { manyRuns } from "./many-runs.ts";
import { EngineProcess, build, configOf, logs, makeBusybox, start } from "./lab.ts";
import { until } from "../until.ts";
import { leftovers, nothing } from "./leftovers.ts";
import { failure } from "./rejects.ts";

let at: EngineProcess;

beforeAll(async () => {
  at = await EngineProcess.start();
  await makeBusybox(at.engine, at.root);
});

afterAll(async () => await at[Symbol.asyncDispose]());

const page = (port: number) =>
  fetch(`http://127.0.0.1:${port}/`)
    .then((answer) => answer.text())
    .catch(() => "");

/** The numbers a container printed, one a line; throws on a line that is none. */
async function numbers(id: string): Promise<number[]> {
  const lines = (await logs(at.engine, id)).split("\n").slice(0, -1);
  return lines.map((line) => {
    if (!/^\d+$/.test(line)) throw new Error(`a broken line: "${line}"`);
    return Number(line);
  });
}

/** 2,000 numbered lines a second, and a web server beside. */
const writer =
  "echo up > /tmp/index.html; httpd -p 80 -h /tmp; n=0; while :; do i=0; while [ $i -lt 20 ]; do echo $n; n=$((n+1)); i=$((i+1)); done; usleep 10000; done";

test("containers, their output and their ports survive a kill -9 of the engine", async () => {
  const PortBindings = { "80/tcp": [{ HostIp: "", HostPort: "" }] };
  const ids = await Promise.all(
    [1, 2, 3].map((n) =>
      start(at.engine, ["sh", "-c", writer], { name: `w${n}`, HostConfig: { PortBindings } }),
    ),
  );
  const ports = await Promise.all(
    ids.map(async (id) =>
      Number((await at.engine.containers.inspect(id)).NetworkSettings.Ports["80/tcp"]?.[0]?.HostPort),
    ),
  );
  const allAnswer = async () => (await Promise.all(ports.map(page))).every((text) => text === "up\n");
  await until(allAnswer);
  await Bun.sleep(300);
  await at.kill();
  expect(await allAnswer()).toBe(true);
  await Bun.sleep(300);
  await at.restart();
  expect((await at.engine.containers.list()).map(({ Id }) => Id).toSorted()).toEqual(ids.toSorted());
  expect(await allAnswer()).toBe(true);
  await Bun.sleep(300);
  await Promise.all(ids.map((id) => at.engine.containers.stop(id, { timeout: 0 })));
  for (const id of ids) {
    const seen = await numbers(id);
    expect(seen.length).toBeGreaterThan(500);
    expect(seen.findIndex((number, place) => number !== place)).toBe(-1);
    await at.engine.containers.remove(id);
  }
  await until(() => Bun.deepEquals(leftovers(configOf(at.root), ids), nothing));
}, 90_000);

test("ends that no engine saw are recorded, removed or followed by a restart", async () => {
  const { engine } = at;
  const once = ["sh", "-c", "usleep 400000; exit 5"];
  const ended = await start(engine, once);
  const removed = await start(engine, once, { HostConfig: { AutoRemove: true } });
  const again = await start(engine, ["sh", "-c", "echo up; usleep 400000"], {
    HostConfig: { RestartPolicy: { Name: "always" } },
  });
  const unless = { HostConfig: { RestartPolicy: { Name: "unless-stopped" } } } as const;
  const stopped = await start(engine, ["sleep", "100"], unless);
  await engine.containers.stop(stopped, { timeout: 0 });
  await at.kill();
  await Bun.sleep(700);
  await at.restart();
  const state = async (id: string) => (await at.engine.containers.inspect(id)).State;
  expect(await state(ended)).toMatchObject({ Status: "exited", ExitCode: 5 });
  expect(await failure(at.engine.containers.inspect(removed))).toMatchObject({ code: "not_found" });
  await until(async () => (await logs(at.engine, again)).startsWith("up\nup\n"));
  expect((await state(stopped)).Status).toBe("exited");
  for (const id of [ended, again, stopped]) await at.engine.containers.remove(id, { force: true });
}, 90_000);

test("kill -9 at 12 moments of a build leaves nothing, and the build succeeds", async () => {
  await killDuringBuilds(at, 12);
}, 240_000);

test("kill -9 at 12 moments of a pull leaves nothing, and the pull goes on", async () => {
  await killDuringPulls(at, 12);
}, 240_000);

test("kill -9 while containers start and go leaves nothing that a removal does not take", async () => {
  await killDuringRuns(at, 10);
}, 240_000);

test("100 runs, 8 at a time, leave nothing", async () => {
  await manyRuns(at, 100);
}, 240_000);

test("a second engine on one root says so and stops", async () => {
  const { slipway } = await import("./lab.ts");
  const child = Bun.spawn([...slipway, "engine", "--root", at.root, "--socket", `${at.socket}2`], {
    stdout: "ignore",
    stderr: "pipe",
  });
  const [said, code] = await Promise.all([child.stderr.text(), child.exited]);
  expect(code).toBe(1);
  expect(said).toContain(`Cannot use "${at.root}": another engine is using it (process ${at.pid})`);
  expect(existsSync(`${at.socket}2`)).toBe(false);
  expect(readFileSync(join(at.root, "lock"), "utf8").trim()).toBe(String(at.pid));
  expect(
    (await build(at.engine, { context: { kind: "empty" }, dockerfile: { text: "FROM busybox" } })).id,
  ).not.toBe("");
});
