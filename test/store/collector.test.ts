import { afterAll, beforeAll, expect, test } from "bun:test";
import { Lab } from "./lab.ts";

let lab: Lab;
beforeAll(async () => {
  const env = { SLIPWAY_GC: "on", SLIPWAY_GC_MAX_USED: "1MB", SLIPWAY_GC_MIN_FREE: "0" };
  lab = await Lab.open({ env });
}, 60_000);
afterAll(async () => await lab[Symbol.asyncDispose]());

const dockerfile = (name: string) => `FROM scratch\nCOPY ${name} /${name}\n`;

async function cachedSteps(): Promise<string[]> {
  const { BuildCache } = await lab.engine.system.dataUsage({ types: ["build-cache"] });
  return (BuildCache ?? []).map(({ Description }) => Description);
}

test("the collector keeps the build cache within its budget and leaves what images stand on", async () => {
  await lab.build("kept", dockerfile("kept"), { kept: 3_000_000 });
  await lab.build("gone", dockerfile("gone"), { gone: 2_000_000 });
  await lab.build("small", dockerfile("small"), { small: 100_000 });
  await lab.ok("rmi", "gone", "small");
  await lab.whileDown(() => undefined);
  // The collection of the start is through when the next one is.
  await lab.engine.images.prune();
  const steps = await cachedSteps();
  expect(steps.some((text) => text.includes("COPY kept"))).toBe(true);
  expect(steps.some((text) => text.includes("COPY small"))).toBe(true);
  expect(steps.some((text) => text.includes("COPY gone"))).toBe(false);
  const { Categories } = await lab.engine.store.explain();
  const cache = Categories.find(({ Category }) => Category === "build-cache");
  expect(cache?.Bytes ?? 0).toBeLessThan(1_000_000);
  await lab.build("gone", dockerfile("gone"), { gone: 2_000_000 });
  const [latest] = await lab.engine.builds.list();
  const { steps: told } = await lab.engine.builds.inspect(latest?.id ?? "");
  expect(told.flatMap(({ causes }) => causes ?? []).join()).toContain("to stay under 1MB");
  expect((await lab.engine.store.check()).Problems).toEqual([]);
});
