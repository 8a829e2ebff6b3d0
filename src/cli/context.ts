import { homedir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import type { Trace } from "../internal/trace.ts";
import type { CliContext } from "./command.ts";
import { connectEngine } from "./connect.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { globalFlags } from "./global-flags.ts";
import { defaultRoot, defaultSocket } from "./paths.ts";

/** The process as the program sees it; a test passes its own. */
export interface ProcessWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly signal: AbortSignal;
  /** Where this command spends its time (`SLIPWAY_TRACE=1`). */
  readonly trace: Trace;
}

export function createContext(
  world: ProcessWorld,
  flags: FlagValues<typeof globalFlags>,
): CliContext & AsyncDisposable {
  const { env } = world;
  const root = flags.root ?? (env["SLIPWAY_ROOT"] || defaultRoot(env));
  const host = flags.host.at(-1) ?? engineHost(env, root);
  let engine: Promise<Engine> | undefined;
  const connect = () => (engine ??= connectEngine({ host, root, env, trace: world.trace }));
  return {
    env,
    // Looking at it loads the stream modules: only who reads does.
    get stdin() {
      return world.stdin;
    },
    stdout: world.stdout,
    stderr: world.stderr,
    signal: world.signal,
    trace: world.trace,
    configDirectory: flags.config ?? env["DOCKER_CONFIG"] ?? join(env["HOME"] ?? homedir(), ".docker"),
    engine: connect,
    global: { host, root },
    async [Symbol.asyncDispose]() {
      await (await engine?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

/** `SLIPWAY_SOCKET` beats `DOCKER_HOST`; without either, the socket of the engine on `root`. */
function engineHost(env: ProcessWorld["env"], root: string): string {
  if (env["SLIPWAY_SOCKET"]) return `unix://${env["SLIPWAY_SOCKET"]}`;
  return env["DOCKER_HOST"] || `unix://${defaultSocket(root, env)}`;
}
