import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { Collector, type CollectorParts } from "./collector.ts";

/** A cache of some bytes, and what the collector does with it. */
function made(cache: number, changes: Partial<CollectorParts> = {}) {
  const seen = { used: cache, trims: [] as string[], warnings: [] as string[], sweeps: 0 };
  const collector = new Collector({
    root: tmpdir(),
    budget: { maxUsed: { bytes: 100 }, minFree: { bytes: 0 } },
    cacheSize: async () => seen.used,
    trimCache: async (keepBytes, reason) => {
      seen.trims.push(reason);
      seen.used = keepBytes;
    },
    sweep: async () => {
      seen.sweeps += 1;
      return seen.sweeps;
    },
    warn: (text) => void seen.warnings.push(text),
    ...changes,
  });
  return { collector, seen };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(1);
}

test("Collector trims the cache to what it may take, at the start and a moment after a build", async () => {
  const { collector, seen } = made(150, { settleAfter: 1 });
  await using _ = collector;
  await collector.start();
  expect(seen).toMatchObject({ used: 100, trims: ["to stay under 100B"], sweeps: 1 });
  seen.used = 120;
  collector.soon();
  collector.soon();
  await until(() => seen.sweeps === 2);
  expect(seen.used).toBe(100);
});

test("Collector gives up cache while the disk is short, and says once when that was not enough", async () => {
  const { collector, seen } = made(50, { budget: { minFree: { part: 1 } }, lookEvery: 1 });
  await using _ = collector;
  await collector.start();
  expect(seen).toMatchObject({ used: 0, trims: [expect.stringContaining("of the disk free")] });
  expect(seen.warnings).toEqual([expect.stringContaining("slipway system df --explain")]);
  await Bun.sleep(20);
  expect([seen.warnings.length, seen.sweeps]).toEqual([1, 1]);
});

test("Collector without a budget only removes what nothing needs", async () => {
  const { collector, seen } = made(500, { budget: false, settleAfter: 1 });
  await using _ = collector;
  await collector.start();
  collector.soon();
  expect(await collector.collect()).toBe(2);
  expect(seen).toMatchObject({ used: 500, trims: [], sweeps: 2 });
});

test("Collector.collect() called during a collection waits for one that began afterwards", async () => {
  const gate = Promise.withResolvers<void>();
  let sweeps = 0;
  const sweep = async () => {
    sweeps += 1;
    const mine = sweeps;
    await gate.promise;
    return mine;
  };
  const { collector } = made(0, { sweep });
  await using _ = collector;
  const first = collector.collect();
  await until(() => sweeps === 1);
  const [second, third] = [collector.collect(), collector.collect()];
  gate.resolve();
  expect(await Promise.all([first, second, third])).toEqual([1, 2, 2]);
});
