import { SlipwayError } from "../errors.ts";
import type { Trace } from "../internal/trace.ts";
import { parseHost } from "./address.ts";
import { RemoteEngine } from "./remote-engine.ts";

export interface ConnectOptions {
  /** Absolute path of the engine's socket. */
  readonly socketPath?: string;
  /** `unix:///path` or `tcp://host:port`, as `DOCKER_HOST` has it. */
  readonly host?: string;
  /** Measures each call. */
  readonly trace?: Trace | undefined;
}

/** The engine there, without asking whether it answers: the first call does. Throws `invalid_argument`. */
export function connectTo({ socketPath, host, trace }: ConnectOptions): RemoteEngine {
  if (host !== undefined) return new RemoteEngine(parseHost(host), trace);
  if (socketPath === undefined)
    throw new SlipwayError("invalid_argument", "Cannot connect: neither socketPath nor host is given");
  return new RemoteEngine({ socketPath }, trace);
}
