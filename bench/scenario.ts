import type { Inputs } from "./inputs/inputs.ts";
import type { Peer } from "./peers/peer.ts";

/** One piece of work that all peers do in turn. */
export interface Scenario {
  /** Word of the command line and of the results: `run-bridge`. Never reused for other work. */
  readonly id: string;
  readonly area:
    | "run"
    | "list"
    | "api"
    | "build"
    | "copy"
    | "transfer"
    | "store"
    | "registry"
    | "network"
    | "memory"
    | "growth";
  readonly title: string;
  readonly unit: "ms" | "MB";
  /** Part of the short form. */
  readonly quick?: boolean;
  /** Measured samples of each peer at most, besides one to warm up; long work gets fewer, see `measure`. */
  readonly rounds: number;
  /** False: nothing is gained by doing it once before, as for peaks of memory. */
  readonly warmUp?: boolean;
  /** False: Podman takes no part. It would be most of the time, and nobody compares with it here. */
  readonly podman?: boolean;
  /** The most that Slipway's median may be of a peer's. */
  readonly goal?: { readonly peer: string; readonly ratio: number };
  /** Scenarios of one series do the same work in different amounts: the report fits how the cost grows. */
  readonly scale?: { readonly series: string; readonly amount: number };
  /** Makes ready what the samples need; undefined when the peer has no such work. */
  open(peer: Peer, inputs: Inputs): Promise<Probe | undefined> | Probe | undefined;
}

/** A peer made ready for one scenario. */
export interface Probe {
  /** Does the work once and tells what it took, in the scenario's unit. `round` counts from 1; 0 is the warm-up. */
  sample(round: number): Promise<number> | number;
  /** Removes what the scenario made. */
  close?(): Promise<void> | void;
}
