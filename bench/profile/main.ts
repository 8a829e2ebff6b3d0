/**
 * `npm run bench:profile -- SCENARIO [ROUNDS]`: where the time of one scenario goes, in three passes that do not disturb
 * each other. Leaves in `bench/profiles/SCENARIO/`: `phases.md`, what client and engine waited for, part by part;
 * `engine.cpuprofile` and `engine.md`, a CPU profile of the engine, for Chrome's or an editor's viewer and to read;
 * `syscalls.txt`, the system calls of the engine and of what it starts, with the time they took (strace). With `--docs`
 * the first pass alone, whose table goes to `docs/benchmarks/phases/SCENARIO.md`.
 */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { CleanupStack } from "../../src/internal/cleanup-stack.ts";
import { lockBench } from "../bench-lock.ts";
import { run } from "../command.ts";
import { busybox, Inputs } from "../inputs/inputs.ts";
import { findProgram } from "../peers/find-program.ts";
import type { Peer } from "../peers/peer.ts";
import { openRegistry } from "../peers/registry.ts";
import { openSlipway } from "../peers/slipway.ts";
import { commitName, describeMachine } from "../results.ts";
import type { Scenario } from "../scenario.ts";
import { allScenarios } from "../scenarios/all.ts";
import type { Part } from "./collector.ts";
import { phaseTable } from "./phases.ts";

const words = process.argv.slice(2);
const forDocs = words.includes("--docs");
const [id = "run-bridge", asked] = words.filter((word) => word !== "--docs");
const scenario = allScenarios.find((each) => each.id === id);
if (scenario === undefined) {
  console.error(`No scenario "${id}". There are: ${allScenarios.map((each) => each.id).join(" ")}`);
  process.exit(1);
}
const rounds = Number(asked ?? scenario.rounds);
const target = forDocs ? resolve("docs/benchmarks/phases") : resolve("bench/profiles", id);
mkdirSync(target, { recursive: true });
using _lock = lockBench();
await phases(scenario);
if (!forDocs) {
  await cpu(scenario);
  await syscalls(scenario);
}
console.log(`\nWritten: ${target}`);

/** Pass 1: spans of client and engine, by OpenTelemetry. */
async function phases(of: Scenario): Promise<void> {
  const collector = new Worker(new URL("./collector.ts", import.meta.url));
  try {
    const [port] = (await once(collector, "message")) as [number];
    process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = `http://127.0.0.1:${port}`;
    await prepared(of, undefined, async (sample) => {
      await sample(0);
      await take(collector, 1500);
      for (let round = 1; round <= rounds; round += 1) await sample(round);
      const table = phaseTable(await take(collector, 1500));
      const made = `${new Date().toISOString().slice(0, 10)}, commit ${commitName()}, ${describeMachine()}`;
      const text = `# ${of.title}\n\n${rounds} rounds, ${made}.\n\n${table}\n`;
      writeFileSync(join(target, forDocs ? `${id}.md` : "phases.md"), text);
      console.log(table);
    });
  } finally {
    delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
    await collector.terminate();
  }
}

/** The spans since the last call. The engine sends them once a second. */
async function take(collector: Worker, waitMs: number): Promise<Part[]> {
  await sleep(waitMs);
  collector.postMessage("take", []);
  const [parts] = (await once(collector, "message")) as [Part[]];
  return parts;
}

/** Pass 2: the engine from source, under Bun's profiler, which writes when the engine ends. */
async function cpu(of: Scenario): Promise<void> {
  const made = mkdtempSync(join(tmpdir(), "slipway-cpu-"));
  const flags = ["--cpu-prof", "--cpu-prof-md", `--cpu-prof-dir=${made}`];
  try {
    await prepared(of, [process.execPath, ...flags, resolve("src/cli/bin.ts")], async (sample) => {
      for (let round = 0; round <= rounds; round += 1) await sample(round);
    });
    for (const name of readdirSync(made)) {
      const kind = name.slice(name.lastIndexOf("."));
      run({ argv: ["cp", join(made, name), join(target, `engine${kind}`)] });
    }
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** Pass 3: strace attached to all threads of the engine, following what they start. */
async function syscalls(of: Scenario): Promise<void> {
  const strace = findProgram("strace");
  if (strace === undefined)
    return console.log("strace is missing: no table of system calls (apt-get install strace)");
  const file = join(target, "syscalls.txt");
  await prepared(of, undefined, async (sample, { enginePids }) => {
    await sample(0);
    const pid = String(enginePids?.()[0] ?? 0);
    const tracer = spawn(strace, ["-f", "-c", "-S", "time", "-o", `${file}.part`, "-p", pid], {
      stdio: "ignore",
    });
    await sleep(500);
    for (let round = 1; round <= rounds; round += 1) await sample(round);
    tracer.kill("SIGINT");
    await once(tracer, "exit");
    renameSync(`${file}.part`, file);
  });
}

/** Gives the scenario's work to `measure`, on an engine of its own that is gone afterwards. */
async function prepared(
  of: Scenario,
  engineProgram: readonly string[] | undefined,
  measure: (sample: (round: number) => Promise<number> | number, peer: Peer) => Promise<void>,
): Promise<void> {
  await using cleanup = new CleanupStack();
  const directory = mkdtempSync(join(tmpdir(), "slipway-profile-"));
  cleanup.push(() => rmSync(directory, { recursive: true, force: true }));
  const slipway = await openSlipway(join(directory, "slipway"), engineProgram);
  cleanup.push(() => slipway[Symbol.asyncDispose]());
  for (const name of ["inputs", "registry"]) mkdirSync(join(directory, name));
  const registry = await openRegistry(join(directory, "registry"));
  if (registry !== undefined) cleanup.push(() => registry[Symbol.asyncDispose]());
  const inputs = new Inputs(join(directory, "inputs"), registry);
  if (slipway.cli !== undefined) run(slipway.cli("build", "-t", busybox, inputs.busyboxContext()));
  const probe = await of.open(slipway, inputs);
  if (probe === undefined) throw new Error(`"${of.id}" is no work of Slipway's`);
  cleanup.push(async () => await probe.close?.());
  await measure((round) => probe.sample(round), slipway);
}
