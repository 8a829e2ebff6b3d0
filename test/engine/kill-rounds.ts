/** Kills an engine at random moments of its work and looks at what the next start finds. */
import { expect } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isCode } from "../../src/errors.ts";
import { build, configOf, run, type EngineProcess } from "./lab.ts";
import { until } from "../until.ts";
import { leftovers, nothing } from "./leftovers.ts";
import { localRegistry } from "./registry.ts";

/** What must hold after every start: no leftover, no dangling record, no layer that nobody owns. */
async function expectClean(at: EngineProcess, ids: readonly string[] = []): Promise<void> {
  const config = configOf(at.root);
  await until(() => Bun.deepEquals(leftovers(config, ids), nothing)).catch(() => undefined);
  expect(leftovers(config, ids)).toEqual(nothing);
  expect((await at.engine.system.check()).problems).toEqual([]);
  expect(await at.engine.containers.list({ all: true })).toEqual([]);
}

/** Starts `work`, kills the engine within `span` ms of it, and starts it again. False when the work was done by then. */
async function killDuring(at: EngineProcess, work: () => Promise<unknown>, span: number): Promise<boolean> {
  let done = false;
  const working = work().then(
    () => (done = true),
    () => undefined,
  );
  await Bun.sleep(Math.random() * span);
  const interrupted = !done;
  await at.kill();
  await working;
  await at.restart();
  return interrupted;
}

const dockerfile = (salt: string) =>
  `FROM busybox AS one
ARG SALT=${salt}
RUN echo $SALT; i=0; while [ $i -lt 100 ]; do echo $SALT $i > /file-$i; i=$((i+1)); done
FROM busybox
ARG SALT=${salt}
COPY . /context
RUN usleep 30000; echo $SALT > /second
COPY --from=one /file-99 /copied
`;

export async function killDuringBuilds(at: EngineProcess, rounds: number): Promise<void> {
  const path = join(at.root, "../kill-context");
  mkdirSync(path, { recursive: true });
  for (let n = 0; n < 50; n += 1) writeFileSync(join(path, `f${n}`), randomBytes(20_000));
  const request = (salt: string) => ({
    context: { kind: "directory", path } as const,
    dockerfile: { text: dockerfile(salt) },
    tags: ["killed"],
  });
  const began = performance.now();
  await build(at.engine, request("measure"));
  const span = performance.now() - began;
  let interrupted = 0;
  for (let round = 0; round < rounds; round += 1) {
    if (await killDuring(at, () => build(at.engine, request(`salt-${round}`)), span)) interrupted += 1;
    await expectClean(at);
  }
  expect(interrupted).toBeGreaterThan(rounds / 4);
  await build(at.engine, request("last"));
  expect((await run(at.engine, ["cat", "/copied"], { Image: "killed" })).stdout).toBe("last 99\n");
  await at.engine.images.remove("killed");
  await at.engine.images.prune();
  await at.engine.builds.prune({ all: true });
  await expectOnlyBusybox(at);
}

export async function killDuringPulls(at: EngineProcess, rounds: number): Promise<void> {
  await using registry = await localRegistry();
  const path = join(at.root, "../pull-context");
  mkdirSync(path, { recursive: true });
  for (let n = 0; n < 3; n += 1) writeFileSync(join(path, `big${n}`), randomBytes(6 << 20));
  const name = `${registry.host}/big`;
  const text = "FROM busybox\nCOPY big0 /\nCOPY big1 /\nCOPY big2 /\n";
  const { id } = await build(at.engine, {
    context: { kind: "directory", path },
    dockerfile: { text },
    tags: [name],
  });
  for await (const _line of at.engine.images.push(name));
  const forget = async () => {
    await at.engine.images.remove(name);
    await at.engine.builds.prune({ all: true });
  };
  const pull = async () => {
    for await (const _line of at.engine.images.pull(name));
  };
  await forget();
  const began = performance.now();
  await pull();
  const span = performance.now() - began;
  let interrupted = 0;
  for (let round = 0; round < rounds; round += 1) {
    if ((await at.engine.images.list({ filters: { reference: [name] } })).length > 0) await forget();
    if (await killDuring(at, pull, span)) interrupted += 1;
    await expectClean(at);
  }
  expect(interrupted).toBeGreaterThan(rounds / 4);
  await pull();
  expect((await at.engine.images.inspect(name)).Id as string).toBe(id);
  const counted = await run(at.engine, ["sh", "-c", "cat /big0 /big1 /big2 | wc -c"], { Image: name });
  expect(counted.stdout.trim()).toBe(String(3 * (6 << 20)));
  await forget();
  await expectOnlyBusybox(at);
}

/** Its one layer is the one snapshot left. */
async function expectOnlyBusybox(at: EngineProcess): Promise<void> {
  const { checked, problems } = await at.engine.system.check();
  expect(problems).toEqual([]);
  expect({ images: checked.images, snapshots: checked.snapshots }).toEqual({ images: 1, snapshots: 1 });
}

/** Runs, stops and removals of many containers are under way each time. */
export async function killDuringRuns(at: EngineProcess, rounds: number): Promise<void> {
  const PortBindings = { "80/tcp": [{ HostIp: "", HostPort: "" }] };
  const ids: string[] = [];
  const one = async (round: number, n: number) => {
    const HostConfig = n % 2 === 0 ? { AutoRemove: true } : { PortBindings };
    const Cmd = n % 2 === 0 ? ["true"] : ["sleep", "100"];
    const { Id } = await at.engine.containers.create({
      Image: "busybox",
      name: `k${round}-${n}`,
      Cmd,
      HostConfig,
    });
    ids.push(Id);
    await at.engine.containers.start(Id);
    if (n % 2 === 1) await at.engine.containers.remove(Id, { force: true });
  };
  for (let round = 0; round < rounds; round += 1) {
    const work = () => Promise.all(Array.from({ length: 8 }, (_, n) => one(round, n)));
    await killDuring(at, work, 400);
    const found = await at.engine.containers.list({ all: true });
    await Promise.all(
      found.map(({ Id }) => at.engine.containers.remove(Id, { force: true }).catch(ignoreGone)),
    );
    await expectClean(at, ids);
  }
}

function ignoreGone(error: unknown): void {
  if (!isCode(error, "not_found")) throw error;
}
