import { setImmediate } from "node:timers/promises";
import type { Inputs } from "./inputs/inputs.ts";
import { subject, type Peer } from "./peers/peer.ts";
import type { Probe, Scenario } from "./scenario.ts";
import { summarize, type Summary } from "./statistics.ts";

/** A peer's samples of one scenario, or why there are none. */
export interface Measured {
  readonly peer: string;
  readonly samples: readonly number[];
  readonly summary?: Summary;
  readonly failure?: string;
}

interface Contestant {
  readonly peer: Peer;
  readonly probe: Probe;
  readonly samples: number[];
  failure?: string;
}

export interface Pace {
  /** Measured samples of each peer at most. */
  readonly rounds: number;
  /** Turns of one scenario may take so long; then those that are compared get three samples, the others one. */
  readonly budgetMs: number;
  /** Ends the run; what it is aborted with is thrown. */
  readonly signal: AbortSignal;
}

/** Samples there are of Slipway and of the peer of its goal, however long they take. */
const fewest = 3;

/**
 * Lets the peers take turns, A B C A B C, so that whatever else the machine does falls on all alike. Each warms up
 * once, unmeasured. A peer that fails is out, with the reason; the others go on.
 */
export async function measure(
  scenario: Scenario,
  peers: readonly Peer[],
  inputs: Inputs,
  { rounds, budgetMs, signal }: Pace,
): Promise<Measured[]> {
  const contestants: Contestant[] = [];
  try {
    const failed: Measured[] = [];
    for (const peer of peers.filter(({ name }) => name !== "podman" || scenario.podman !== false)) {
      const opened = await open(scenario, peer, inputs);
      if (opened !== undefined && "probe" in opened) contestants.push(opened);
      else if (opened !== undefined) failed.push(opened);
      await heed(signal);
    }
    const end = performance.now() + budgetMs;
    for (let round = scenario.warmUp === false ? 1 : 0; round <= rounds; round += 1) {
      for (const contestant of contestants) {
        await heed(signal);
        const isLate = performance.now() > end;
        if (!isLate || contestant.samples.length < fewestOf(contestant, scenario))
          await takeTurn(contestant, round);
      }
    }
    await heed(signal);
    return [...contestants.map(result), ...failed];
  } finally {
    for (const { probe } of contestants) await probe.close?.();
  }
}

/** A moment for signals: the work itself is waited for without one. */
async function heed(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

/** Who cannot be made ready has failed; undefined: the peer has no such work. */
async function open(
  scenario: Scenario,
  peer: Peer,
  inputs: Inputs,
): Promise<Contestant | Measured | undefined> {
  try {
    const probe = await scenario.open(peer, inputs);
    return probe && { peer, probe, samples: [] };
  } catch (error) {
    return { peer: peer.name, samples: [], failure: wordsOf(error) };
  }
}

function fewestOf({ peer }: Contestant, { goal }: Scenario): number {
  const compared = goal === undefined ? ["docker", "docker-registry"] : [goal.peer];
  return peer.name === subject || compared.includes(peer.name) ? fewest : 1;
}

async function takeTurn(contestant: Contestant, round: number): Promise<void> {
  if (contestant.failure !== undefined) return;
  try {
    const value = await contestant.probe.sample(round);
    if (round > 0) contestant.samples.push(value);
  } catch (error) {
    contestant.failure = wordsOf(error);
  }
}

function result({ peer, samples, failure }: Contestant): Measured {
  if (failure !== undefined) return { peer: peer.name, samples, failure };
  return { peer: peer.name, samples, summary: summarize(samples) };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
