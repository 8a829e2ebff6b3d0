import { homedir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import type { Trace } from "../internal/trace.ts";
import type { CliContext } from "./command.ts";
import type { Endpoint } from "./contexts/context-store.ts";
import { resolveEndpoint } from "./contexts/resolve-endpoint.ts";
import { connectEngine } from "./connect.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { globalFlags } from "./global-flags.ts";
import { defaultRoot } from "./paths.ts";

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
): CliContext & AsyncDisposable & { readonly askedEngine: boolean } {
  const { env } = world;
  const root = flags.root ?? (env["SLIPWAY_ROOT"] || defaultRoot(env));
  const configDirectory = flags.config ?? env["DOCKER_CONFIG"] ?? join(env["HOME"] ?? homedir(), ".docker");
  const asked = { env, host: flags.host.at(-1), context: flags.context, root, configDirectory };
  // Looked up by who speaks to the engine: what names it may be what a command is about to mend.
  let found: Endpoint | undefined;
  const endpoint = () => (found ??= resolveEndpoint(asked));
  let engine: Promise<Engine> | undefined;
  const connect = () => (engine ??= connectEngine({ ...endpoint(), root, env, trace: world.trace }));
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
    configDirectory,
    engine: connect,
    get askedEngine() {
      return engine !== undefined;
    },
    global: {
      root,
      get host() {
        return endpoint().host;
      },
    },
    async [Symbol.asyncDispose]() {
      await (await engine?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}
