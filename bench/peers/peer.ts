import type { Command } from "../command.ts";
import type { RegistryServer } from "./registry-server.ts";

/** The peer that every other one is compared with. */
export const subject = "slipway";

/** A program that is measured. Disposing it stops what was started for it. */
export interface Peer extends AsyncDisposable {
  /** `slipway`, `docker`, `podman`, `docker-registry`, or for the floor `crun`, `runc`, `cp`. */
  readonly name: string;
  readonly version: string;
  /** A command in the manner of Docker's; undefined: this peer is no container engine. */
  readonly cli?: (...args: string[]) => Command;
  /** The client of builds, where it is another program. */
  readonly buildCli?: (...args: string[]) => Command;
  /** Drops what builds keep besides images; absent: images are all its builds keep. */
  readonly pruneBuilds?: Command;
  /** Starts its registry, with its data below `directory`. */
  readonly serveRegistry?: (directory: string) => Promise<RegistryServer>;
  /** Processes that run while nothing is asked of the engine. */
  readonly enginePids?: () => readonly number[];
  /** Path of the socket where it answers Docker's API. */
  readonly socket?: string;
  /** What it takes to run the bundle's process as container `id`, for a bare runtime. */
  readonly bareRun?: (bundle: string, id: string) => Command;
}

/** A peer that is not on this machine, and why. */
export interface MissingPeer {
  readonly name: string;
  readonly missing: string;
}

export function isMissing(peer: Peer | MissingPeer): peer is MissingPeer {
  return "missing" in peer;
}

/** A peer that is a program already there, with nothing to be started or stopped. */
export function still(peer: Omit<Peer, typeof Symbol.asyncDispose>): Peer {
  return { ...peer, [Symbol.asyncDispose]: () => Promise.resolve() };
}
