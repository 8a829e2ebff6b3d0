/** Strikes an engine at random moments of its work and looks at what is left. */
import { Database } from "bun:sqlite";
import { expect } from "bun:test";
import { join } from "node:path";
import { errorMessage } from "../../../src/errors.ts";
import { type CrashLab, pick, type Work } from "./crash-lab.ts";

/**
 * `kill`: SIGKILL. `power`: whatever is not on the disk is lost. `io`: from some moment on every write fails with EIO, and
 * the engine goes on for a while. `space`: the disk is full at some moment, with writes that end short.
 */
export type Fault = "kill" | "power" | "io" | "space";

/** How long each kind of work takes, ms, so that faults fall into it. */
type Spans = Map<string, number>;

/** What became of a round, for a summary. */
export interface Round {
  readonly fault: Fault;
  readonly kind: string;
  /** The engine had answered before the fault. */
  readonly wasDone: boolean;
}

export async function crashRounds(lab: CrashLab, rounds: number, faults: readonly Fault[]): Promise<Round[]> {
  const spans: Spans = new Map();
  const told: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const fault = faults[round % faults.length] ?? "kill";
    const work = lab.work(fault === "kill");
    try {
      told.push(await oneRound(lab, work, fault, spans));
    } catch (error) {
      throw new Error(
        `round ${round}, ${fault} during ${work.kind} of "${work.name}": ${errorMessage(error)}`,
        {
          cause: error,
        },
      );
    }
  }
  return told;
}

async function oneRound(lab: CrashLab, work: Work, fault: Fault, spans: Spans): Promise<Round> {
  const outcome = await strike(lab, work, fault, spans);
  const found = await lab.found();
  if (work.name !== undefined) acknowledge(lab, work.name, outcome, found);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(lab.images));
  expect((await lab.at.engine.store.check()).Problems).toEqual([]);
  return { fault, kind: work.kind, wasDone: outcome.state === "done" };
}

type Outcome = { readonly state: "done"; readonly id: string | undefined } | { readonly state: "failed" };

/** What was answered holds; what was not is as it was before, or as it would have been. */
function acknowledge(
  lab: CrashLab,
  name: string,
  outcome: Outcome,
  found: ReadonlyMap<string, string>,
): void {
  const now = outcome.state === "done" ? outcome.id : found.get(name);
  if (now === undefined) lab.images.delete(name);
  else lab.images.set(name, now);
}

async function strike(lab: CrashLab, work: Work, fault: Fault, spans: Spans): Promise<Outcome> {
  const after = Math.random() * (spans.get(work.kind) ?? 300) * 1.1;
  const began = performance.now();
  const going = settle(work).then((outcome) => {
    if (outcome.state === "done") spans.set(work.kind, performance.now() - began);
    return outcome;
  });
  if (fault === "space") return await full(lab, going, after);
  await Bun.sleep(after);
  const { at, disk } = lab;
  if (fault !== "kill") disk?.cutPower();
  if (fault === "io") await Promise.race([going, Bun.sleep(2000)]);
  // One whose disk is gone may have ended by itself.
  const killed = at.kill().catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ESRCH") throw error;
  });
  const outcome = await going;
  await killed;
  if (fault !== "kill" && disk !== undefined) {
    await disk.remount();
    anotherBoot(at.root);
  }
  await at.restart();
  return outcome;
}

/** The kernel did not start anew, so what the engine notes of its boot is made to look as if it had. */
function anotherBoot(root: string): void {
  using db = new Database(join(root, "state.db"));
  db.run("UPDATE snapshots SET unflushed = 'an earlier boot' WHERE unflushed IS NOT NULL");
}

/** The disk fills up while the work goes on, and is free again when it has ended. The engine lives. */
async function full(lab: CrashLab, going: Promise<Outcome>, after: number): Promise<Outcome> {
  await Bun.sleep(after / 2);
  return await lab.withFree(pick([0, 50_000, 300_000, 1_000_000]), () => going);
}

function settle(work: Work): Promise<Outcome> {
  return work.go().then(
    (id): Outcome => ({ state: "done", id }),
    (): Outcome => ({ state: "failed" }),
  );
}
