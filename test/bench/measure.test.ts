import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockBench } from "../../bench/bench-lock.ts";
import { Inputs } from "../../bench/inputs/inputs.ts";
import { measure } from "../../bench/measure.ts";
import { still } from "../../bench/peers/peer.ts";
import type { Scenario } from "../../bench/scenario.ts";

const peers = ["slipway", "docker", "podman", "cp -a"].map((name) => still({ name, version: "1" }));
const inputs = new Inputs("/nowhere", undefined);
const { signal } = new AbortController();

function scenario(seen: string[], more: Partial<Scenario> = {}): Scenario {
  return {
    id: "work",
    area: "run",
    title: "work",
    unit: "ms",
    rounds: 5,
    open: ({ name }) => ({ sample: (round) => seen.push(`${name} ${round}`) }),
    ...more,
  };
}

test("measure() lets peers take turns, after one turn that does not count", async () => {
  const seen: string[] = [];
  const pace = { rounds: 2, budgetMs: Infinity, signal };
  const measured = await measure(scenario(seen, { podman: false }), peers.slice(0, 3), inputs, pace);
  expect(seen).toEqual(["slipway 0", "docker 0", "slipway 1", "docker 1", "slipway 2", "docker 2"]);
  expect(measured.map(({ peer, samples }) => [peer, samples.length])).toEqual([
    ["slipway", 2],
    ["docker", 2],
  ]);
});

test("measure() gives those that are compared three samples when time is up, the others one", async () => {
  const work = scenario([], { warmUp: false });
  const measured = await measure(work, peers, inputs, { rounds: 5, budgetMs: -1, signal });
  expect(measured.map(({ peer, samples }) => [peer, samples.length])).toEqual([
    ["slipway", 3],
    ["docker", 3],
    ["podman", 1],
    ["cp -a", 1],
  ]);
});

test("measure() goes on without a peer that fails, and tells why", async () => {
  const open: Scenario["open"] = ({ name }) => ({
    sample: () => {
      if (name === "docker") throw new Error("no daemon");
      return 1;
    },
  });
  const pace = { rounds: 1, budgetMs: Infinity, signal };
  const [ours, theirs] = await measure(scenario([], { open }), peers, inputs, pace);
  expect([ours?.summary?.median, theirs?.failure]).toEqual([1, "no daemon"]);
});

test("lockBench() refuses a second run, and names the first", () => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-bench-lock-"));
  const path = join(directory, "lock");
  {
    using _first = lockBench(path);
    expect(() => lockBench(path)).toThrow(`under way (process ${process.pid})`);
  }
  lockBench(path)[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});
