import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { BuildHarness, outcomes, type Built } from "./harness.ts";

setDefaultTimeout(60_000);

let harness: BuildHarness;

beforeAll(async () => {
  harness = await BuildHarness.open();
});

afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

function build(word: string): Promise<Built> {
  const text = `FROM busybox\nRUN echo ${word} > /${word}\n`;
  return harness.build({ context: { kind: "empty" }, dockerfile: { text } });
}

function outcome(built: Built): { cached: boolean; causes: readonly string[] } | undefined {
  return [...outcomes(built.events)].find(([name]) => name.includes("RUN"))?.[1];
}

test("BuildCache.prune() takes what was unused longest, until little enough is left, and the miss says so", async () => {
  const { cache } = harness.builder;
  await build("old");
  await build("new");
  harness.state.db.run("UPDATE build_cache SET used_at = used_at - 1000 WHERE step LIKE '%/old'");
  const sizes = "SELECT sum(bytes) AS n FROM snapshots WHERE key IN (SELECT snapshot FROM build_cache)";
  const { n: all = 0 } = harness.state.db.get<{ n: number }>(sizes) ?? {};
  const isOld = (): boolean => true;
  expect(cache.prune({ isOld, keepBytes: all, reason: "to stay under all" })).toEqual([]);
  const held = harness.state.db.get<{ step: string }>(
    "SELECT step FROM build_cache ORDER BY used_at LIMIT 1",
  );
  expect(cache.prune({ isOld, keepBytes: all - 1, reason: "to stay under 20 GB" })).toHaveLength(1);
  expect(held).toBeDefined();
  expect(cache.prune({ isOld: (usedAt) => usedAt < Date.now() - 500, reason: "by age" }).length).toBeLessThan(
    2,
  );
  expect(outcome(await build("new"))?.cached).toBe(true);
  const missed = outcome(await build("old"));
  expect(missed?.cached).toBe(false);
  expect(missed?.causes[0]).toMatch(/^collected .* ago (to stay under 20 GB|by age)$/);
  expect(outcome(await build("old"))?.cached).toBe(true);
});
