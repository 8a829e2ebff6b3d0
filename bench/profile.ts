/**
 * `npm run bench:profile [-- ROUNDS]`: where the time of `run --rm` and `exec` goes, part by part: the median of each
 * span that client and engine print under `SLIPWAY_TRACE=1`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CleanupStack } from "../src/internal/cleanup-stack.ts";
import { run, type Command } from "./command.ts";
import { busybox, Inputs } from "./inputs/inputs.ts";
import type { Peer } from "./peers/peer.ts";
import { openSlipway } from "./peers/slipway.ts";
import { summarize } from "./statistics.ts";

const rounds = Number(process.argv[2] ?? 30);
// The engine, and every client, takes it from here.
process.env["SLIPWAY_TRACE"] = "1";

await using cleanup = new CleanupStack();
const directory = mkdtempSync(join(tmpdir(), "slipway-profile-"));
cleanup.push(() => rmSync(directory, { recursive: true, force: true }));
const slipway = await openSlipway(join(directory, "slipway"));
cleanup.push(() => slipway[Symbol.asyncDispose]());
mkdirSync(join(directory, "inputs"));
build(slipway, new Inputs(join(directory, "inputs"), undefined));
await profile("run --rm busybox true, bridge network", ["run", "--rm", busybox, "true"]);
await profile("the same, --network none", ["run", "--rm", "--network", "none", busybox, "true"]);
command("run", "-d", "--name", "sleeper", busybox, "sleep", "1000");
await profile("exec CONTAINER true", ["exec", "sleeper", "true"]);
command("rm", "-f", "sleeper");

function build({ cli }: Peer, inputs: Inputs): void {
  if (cli !== undefined) run(cli("build", "-t", busybox, inputs.busyboxContext()));
}

function command(...args: string[]): void {
  run(slipway.cli?.(...args) ?? { argv: [] });
}

async function profile(title: string, args: readonly string[]): Promise<void> {
  const traced = slipway.cli?.(...args) ?? { argv: [] };
  for (let round = 0; round < 5; round += 1) linesOf(traced);
  await sleep(300);
  const before = engineLog().length;
  const client: string[] = [];
  for (let round = 0; round < rounds; round += 1) client.push(...linesOf(traced));
  await sleep(300);
  console.log(`\n${title}: medians of ${rounds}, ms; parts may overlap`);
  print("client", client);
  print("engine", engineLog().slice(before));
}

function linesOf({ argv, env }: Command): string[] {
  const [file = "", ...args] = argv;
  const { stderr } = spawnSync(file, args, { env: { ...process.env, ...env }, encoding: "utf8" });
  return stderr.split("\n");
}

function engineLog(): string[] {
  return readFileSync(join(directory, "slipway", "engine.log"), "utf8").split("\n");
}

function print(side: string, lines: readonly string[]): void {
  const samples = new Map<string, number[]>();
  for (const line of lines) {
    const [, ms, name = ""] = /^[\d:.]+ +([\d.]+) ms {2}(.*)$/.exec(line) ?? [];
    if (ms === undefined) continue;
    const part = name.replace(/^[0-9a-f]{12} /, "").replace(/[0-9a-f]{64}/g, "ID");
    samples.set(part, [...(samples.get(part) ?? []), Number(ms)]);
  }
  for (const [part, values] of samples) {
    const { median, min } = summarize(values);
    console.log(
      `  ${side}  ${median.toFixed(1).padStart(6)}  (least ${min.toFixed(1).padStart(5)})  ${part}`,
    );
  }
}
