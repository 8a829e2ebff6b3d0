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

test("LocalBuilder.prune() takes what was unused longest, until little enough is left, and the miss says so", async () => {
  const { builder } = harness;
  await build("old");
  await build("new");
  harness.state.db.run("UPDATE build_cache SET used_at = used_at - 1000 WHERE step LIKE '%/old'");
  for (const snapshot of builder.cache.snapshots()) await harness.snapshotter.usage(snapshot);
  const sizes = "SELECT sum(bytes) AS n FROM snapshots WHERE key IN (SELECT snapshot FROM build_cache)";
  const { n: all = 0 } = harness.state.db.get<{ n: number }>(sizes) ?? {};
  expect(all).toBeGreaterThan(0);
  const isOld = (): boolean => true;
  expect(await builder.prune({ isOld, keepBytes: all, reason: "to stay under all" })).toEqual([]);
  expect(await builder.prune({ isOld, keepBytes: all - 1, reason: "to stay under 20 GB" })).toHaveLength(1);
  expect(outcome(await build("new"))?.cached).toBe(true);
  const missed = outcome(await build("old"));
  expect(missed?.cached).toBe(false);
  expect(missed?.causes[0]).toMatch(/^collected .* ago to stay under 20 GB$/);
  expect(outcome(await build("old"))?.cached).toBe(true);
});
