/**
 * Slipway beside its peers, in one run (started by main.ts). Everything happens in a directory of the benchmark's own, and
 * nothing is left of it but the results.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CleanupStack } from "../src/internal/cleanup-stack.ts";
import { lockBench } from "./bench-lock.ts";
import { overBudget, writeBudget } from "./budget.ts";
import { run } from "./command.ts";
import { busybox, Inputs } from "./inputs/inputs.ts";
import { measure } from "./measure.ts";
import { openPeers } from "./open-peers.ts";
import { parseOptions, usage, type Options } from "./options.ts";
import { Firewall } from "./peers/firewall.ts";
import { isMissing, type Peer } from "./peers/peer.ts";
import { openRegistry } from "./peers/registry.ts";
import { terminalLines } from "./report/terminal.ts";
import { writeDocs } from "./report/write-docs.ts";
import { commitName, describeMachine, type Results, type ScenarioResult } from "./results.ts";
import type { Scenario } from "./scenario.ts";
import { allScenarios } from "./scenarios/all.ts";

/** Time for the turns of one scenario. */
const budgetSeconds = 15;
/** Rounds of the short form, whatever a scenario asks for, and whom it compares with. */
const quickRounds = 4;
const quickPeers = ["docker", "crun"];

/** Ends the run between two turns, so that what was started is stopped and put back. */
const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => interrupted.abort(new Error("Interrupted")));

try {
  const options = parseOptions(process.argv.slice(2));
  await bench(options, choose(options));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 1;
}

function choose({ chosen, quick }: Options): Scenario[] {
  const unknown = chosen.find((word) => !allScenarios.some(({ id, area }) => id === word || area === word));
  if (unknown !== undefined) {
    const known = allScenarios.map(({ area, id }) => `${area}: ${id}`).join("\n  ");
    throw new Error(`No area or scenario "${unknown}". There are\n  ${known}`);
  }
  const asked = allScenarios.filter(
    ({ id, area }) => chosen.length === 0 || chosen.includes(id) || chosen.includes(area),
  );
  return quick ? asked.filter((scenario) => scenario.quick === true) : asked;
}

async function bench(options: Options, scenarios: readonly Scenario[]): Promise<void> {
  using _lock = lockBench();
  await using cleanup = new CleanupStack();
  const directory = mkdtempSync(join(options.directory, "slipway-bench-"));
  cleanup.push(() => rmSync(directory, { recursive: true, force: true }));
  const firewall = new Firewall();
  cleanup.push(() => firewall.restore());
  const names = options.quick && options.peers.length === 0 ? quickPeers : options.peers;
  const found = await openPeers(directory, names, (peer) => cleanup.push(() => peer[Symbol.asyncDispose]()));
  const registry = await openRegistry(inside(directory, "registry"));
  if (registry !== undefined) cleanup.push(() => registry[Symbol.asyncDispose]());
  const inputs = new Inputs(inside(directory, "inputs"), registry);
  const peers = found.filter((peer): peer is Peer => !isMissing(peer));
  for (const peer of found)
    console.log(`${peer.name}: ${isMissing(peer) ? `missing: ${peer.missing}` : peer.version}`);
  buildBusybox(peers, inputs);
  const results: Results = {
    date: new Date().toISOString(),
    commit: commitName(),
    machine: describeMachine(),
    peers: found.map((peer) =>
      isMissing(peer)
        ? { name: peer.name, missing: peer.missing }
        : { name: peer.name, version: peer.version },
    ),
    scenarios: await measureAll(scenarios, peers, inputs, options),
  };
  keep(results, options, scenarios.length === allScenarios.length);
}

async function measureAll(
  scenarios: readonly Scenario[],
  peers: readonly Peer[],
  inputs: Inputs,
  options: Options,
): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) {
    const began = performance.now();
    const pace = { ...paceOf(scenario, options), signal: interrupted.signal };
    const measured = await measure(scenario, peers, inputs, pace).catch(unlessInterrupted);
    // What was measured before somebody lost patience counts.
    if (measured === undefined) break;
    const { id, area, title, unit, goal, scale } = scenario;
    const seconds = Math.round((performance.now() - began) / 1000);
    const result = {
      id,
      area,
      title,
      unit,
      measured,
      seconds,
      ...(goal && { goal }),
      ...(scale && { scale }),
    };
    results.push(result);
    console.log(`\n${terminalLines(result)}`);
  }
  return results;
}

function paceOf(scenario: Scenario, { rounds, seconds, quick }: Options) {
  if (rounds !== undefined) return { rounds, budgetMs: Infinity };
  return {
    rounds: quick ? quickRounds : scenario.rounds,
    budgetMs: (seconds ?? budgetSeconds) * 1000,
  };
}

function unlessInterrupted(error: unknown): undefined {
  if (!interrupted.signal.aborted) throw error;
}

function buildBusybox(peers: readonly Peer[], inputs: Inputs): void {
  const context = inputs.busyboxContext();
  for (const { cli, buildCli } of peers) {
    const build = buildCli ?? cli;
    if (build !== undefined) run(build("build", "-t", busybox, context));
  }
}

function keep(results: Results, options: Options, isComplete: boolean): void {
  for (const line of overBudget(results)) console.log(`\nWorse than the budget: ${line}`);
  const path = `bench/results/${results.date.slice(0, 10)}-${results.commit}.json`;
  if (isComplete || options.docs) {
    mkdirSync("bench/results", { recursive: true });
    writeFileSync(path, `${JSON.stringify(results, undefined, 1)}\n`);
    console.log(`\nWritten: ${path}`);
  }
  // What was interrupted is kept, but does not take the place of a whole run.
  if (options.docs || (isComplete && !interrupted.signal.aborted)) {
    writeDocs(results);
    console.log("Written: docs/benchmarks.md");
  }
  if (options.budget) writeBudget(results);
}

function inside(directory: string, name: string): string {
  const path = join(directory, name);
  mkdirSync(path);
  return path;
}
