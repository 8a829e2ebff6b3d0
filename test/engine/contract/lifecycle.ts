import { expect, test } from "bun:test";
import type { Engine } from "../../../src/engine/engine.ts";
import { logs, start } from "../lab.ts";
import { until } from "../../until.ts";
import { failure } from "../rejects.ts";

/** Start, stop, restart, kill, pause, rename, wait, remove, health, memory. */
export function lifecycleContract(get: () => Engine): void {
  const trap = ["sh", "-c", "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done"];
  const up = (engine: Engine, id: string) => until(async () => (await logs(engine, id)).includes("up"));
  const status = async (engine: Engine, id: string) => (await engine.containers.inspect(id)).State.Status;

  test("start() and stop() say when there is nothing to do", async () => {
    const engine = get();
    const id = await start(engine, trap);
    expect(await failure(engine.containers.start(id))).toMatchObject({ code: "not_modified" });
    await up(engine, id);
    await engine.containers.stop(id);
    const { State } = await engine.containers.inspect(id);
    expect(State).toMatchObject({ Status: "exited", ExitCode: 7, Pid: 0, Running: false });
    expect(await logs(engine, id)).toBe("up\nbye\n");
    expect(await failure(engine.containers.stop(id))).toMatchObject({ code: "not_modified" });
    await engine.containers.start(id);
    await until(async () => (await logs(engine, id)).startsWith("up\nbye\nup"));
    await engine.containers.restart(id);
    await until(async () => (await logs(engine, id)) === "up\nbye\nup\nbye\nup\n");
    await engine.containers.remove(id, { force: true });
  });

  test("stop() kills after the grace period, the call's or the container's own", async () => {
    const engine = get();
    const deaf = ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"];
    const id = await start(engine, deaf, { StopTimeout: 0 });
    await up(engine, id);
    const began = Date.now();
    await engine.containers.stop(id);
    expect(Date.now() - began).toBeLessThan(3000);
    expect((await engine.containers.inspect(id)).State.ExitCode).toBe(137);
    await engine.containers.start(id);
    await engine.containers.stop(id, { timeout: 0, killSignal: "SIGUSR1" });
    expect(await status(engine, id)).toBe("exited");
    await engine.containers.remove(id);
  });

  test("a forced removal does not wait for a stop's grace period", async () => {
    const engine = get();
    const id = await start(engine, ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"]);
    await up(engine, id);
    const stopped = failure(engine.containers.stop(id, { timeout: 60 }));
    await Bun.sleep(50);
    const began = Date.now();
    await engine.containers.remove(id, { force: true });
    expect(Date.now() - began).toBeLessThan(3000);
    await stopped;
  });

  test("kill() sends the signal and refuses what does not run", async () => {
    const engine = get();
    const id = await start(engine, ["sh", "-c", "trap 'exit 9' USR1; echo up; while :; do sleep 0.05; done"]);
    await up(engine, id);
    const ended = engine.containers.wait(id);
    await engine.containers.kill(id, { killSignal: "USR1" });
    expect((await ended).StatusCode).toBe(9);
    const refused = await failure(engine.containers.kill(id));
    expect(refused?.code).toBe("conflict");
    expect(refused?.message).toMatch(/^cannot kill container: .*: container [0-9a-f]{64} is not running$/);
    expect(await failure(engine.containers.kill(id, { killSignal: "NOPE" }))).toMatchObject({
      code: "invalid_argument",
    });
    await engine.containers.remove(id);
  });

  test("pause() freezes and unpause() goes on", async () => {
    const engine = get();
    const id = await start(engine, ["sh", "-c", "while :; do echo x; usleep 10000; done"]);
    await engine.containers.pause(id);
    expect(await status(engine, id)).toBe("paused");
    await Bun.sleep(50);
    const before = await logs(engine, id);
    await Bun.sleep(100);
    expect(await logs(engine, id)).toBe(before);
    expect(await failure(engine.containers.pause(id))).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("is already paused"),
    });
    const start_ = await failure(engine.containers.start(id));
    expect(start_).toMatchObject({ message: "cannot start a paused container, try unpause instead" });
    await engine.containers.unpause(id);
    await until(async () => (await logs(engine, id)).length > before.length);
    expect(await failure(engine.containers.unpause(id))).toMatchObject({ code: "conflict" });
    await engine.containers.pause(id);
    await engine.containers.stop(id, { timeout: 0 });
    expect(await status(engine, id)).toBe("exited");
    await engine.containers.remove(id);
  });

  test("rename() frees the old name", async () => {
    const engine = get();
    const { Id } = await engine.containers.create({ Image: "busybox", name: "before" });
    const { Id: other } = await engine.containers.create({ Image: "busybox", name: "other" });
    expect(await failure(engine.containers.rename(Id, "other"))).toMatchObject({ code: "conflict" });
    await engine.containers.rename("before", "after");
    expect((await engine.containers.inspect("after")).Id).toBe(Id);
    expect(await failure(engine.containers.inspect("before"))).toMatchObject({ code: "not_found" });
    for (const id of [Id, other]) await engine.containers.remove(id);
  });

  test("wait() resolves on its condition", async () => {
    const engine = get();
    const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["sh", "-c", "exit 4"] });
    expect((await engine.containers.wait(Id)).StatusCode).toBe(0);
    const next = engine.containers.wait(Id, { condition: "next-exit" });
    const removed = engine.containers.wait(Id, { condition: "removed" });
    await engine.containers.start(Id);
    expect((await next).StatusCode).toBe(4);
    expect((await engine.containers.wait(Id)).StatusCode).toBe(4);
    await engine.containers.remove(Id);
    expect((await removed).StatusCode).toBe(4);
    expect(await failure(engine.containers.wait("nobody"))).toMatchObject({ code: "not_found" });
  });

  test("remove() refuses what runs unless it is forced", async () => {
    const engine = get();
    const id = await start(engine, ["sleep", "100"], { name: "busy" });
    expect(await failure(engine.containers.remove(id))).toEqual({
      code: "conflict",
      message:
        'cannot remove container "/busy": container is running: stop the container before removing or force remove',
    });
    await engine.containers.remove(id, { force: true });
    expect(await failure(engine.containers.remove(id))).toMatchObject({ code: "not_found" });
  });

  test("restart() keeps a container that is removed at its end", async () => {
    const engine = get();
    const id = await start(engine, ["sleep", "100"], { HostConfig: { AutoRemove: true } });
    await engine.containers.restart(id, { timeout: 0 });
    expect(await status(engine, id)).toBe("running");
    const gone = engine.containers.wait(id, { condition: "removed" });
    await engine.containers.stop(id, { timeout: 0 });
    await gone;
    expect(await failure(engine.containers.inspect(id))).toMatchObject({ code: "not_found" });
  });

  test("a restart policy starts again, so often as it says", async () => {
    const engine = get();
    const RestartPolicy = { Name: "on-failure", MaximumRetryCount: 2 } as const;
    const id = await start(engine, ["sh", "-c", "echo up; exit 1"], { HostConfig: { RestartPolicy } });
    await until(async () => (await logs(engine, id)) === "up\nup\nup\n");
    await until(async () => (await status(engine, id)) === "exited");
    expect((await engine.containers.inspect(id)).RestartCount).toBe(2);
    await engine.containers.remove(id);
    const always = await start(engine, ["true"], { HostConfig: { RestartPolicy: { Name: "always" } } });
    await until(async () => (await engine.containers.inspect(always)).RestartCount > 1);
    await engine.containers.stop(always).catch(() => undefined);
    await engine.containers.remove(always, { force: true });
  });

  test("health is checked by the container's own command", async () => {
    const engine = get();
    const Healthcheck = { Test: ["CMD-SHELL", "test -e /ok"], Interval: 5e7, Retries: 2 };
    const id = await start(engine, ["sleep", "100"], { Healthcheck });
    const health = async () => (await engine.containers.inspect(id)).State.Health;
    expect((await health())?.Status).toBe("starting");
    await until(async () => (await health())?.Status === "unhealthy");
    expect((await health())?.FailingStreak).toBeGreaterThanOrEqual(2);
    const { Id } = await engine.execs.create(id, { Cmd: ["touch", "/ok"] });
    await engine.execs.start(Id, { detach: true });
    await until(async () => (await health())?.Status === "healthy");
    expect((await engine.containers.list({ filters: { health: ["healthy"] } })).map((c) => c.Id)).toEqual([
      id,
    ]);
    expect((await engine.containers.list({ filters: { id: [id] } }))[0]?.Status).toContain("(healthy)");
    await engine.containers.remove(id, { force: true });
  });

  test("a container that the kernel killed for want of memory says so", async () => {
    const engine = get();
    const hog = ["sh", "-c", "x=a; while :; do x=$x$x; done"];
    const id = await start(engine, hog, { HostConfig: { Memory: 8 << 20, MemorySwap: 8 << 20 } });
    await engine.containers.wait(id);
    const { State } = await engine.containers.inspect(id);
    expect(State).toMatchObject({ OOMKilled: true, ExitCode: 137 });
    await engine.containers.remove(id);
  });
}
