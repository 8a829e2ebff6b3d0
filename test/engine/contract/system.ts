import { expect, test } from "bun:test";
import type { EngineEvent } from "../../../src/engine/types/event.ts";
import type { Subject } from "../engine-contract.ts";
import { run } from "../lab.ts";
import { until } from "../../until.ts";

export function systemContract(get: () => Subject): void {
  test("events tell the life of a container, past and present", async () => {
    const { engine } = get();
    const since = new Date(Date.now() - 1);
    const live: EngineEvent[] = [];
    const stop = new AbortController();
    const filters = { type: ["container"] };
    const listening = (async () => {
      for await (const event of engine.system.events({ filters }, { signal: stop.signal })) live.push(event);
    })().catch(() => undefined);
    await until(async () => ((await engine.system.info()).NEventsListener ?? 1) > 0);
    const { id } = await run(engine, ["sh", "-c", "exit 2"], { Labels: { who: "me" } });
    const expected = ["create", "attach", "start", "die", "destroy"];
    const actions = (events: readonly EngineEvent[]) =>
      events.filter(({ Actor }) => Actor.ID === id).map(({ Action }) => Action);
    await until(() => actions(live).includes("destroy"));
    stop.abort();
    await listening;
    expect(actions(live)).toEqual(expected);
    const past: EngineEvent[] = [];
    for await (const event of engine.system.events({ since, until: new Date(), filters })) past.push(event);
    expect(actions(past)).toEqual(expected);
    const die = past.find(({ Action, Actor }) => Action === "die" && Actor.ID === id);
    expect(die?.Actor.Attributes).toMatchObject({ exitCode: "2", image: "busybox", who: "me" });
  });

  test("version() and info() say what this engine is", async () => {
    const { engine } = get();
    expect(await engine.system.version()).toMatchObject({ ApiVersion: "1.50", Os: "linux" });
    const info = await engine.system.info();
    expect(info).toMatchObject({ Driver: "overlay2", OSType: "linux", DockerRootDir: get().root });
    expect(info.Images).toBeGreaterThan(0);
  });

  test("check() finds the store whole", async () => {
    const { checked, problems } = await get().engine.system.check();
    expect(problems).toEqual([]);
    expect(checked.images).toBeGreaterThan(0);
  });
}
