import type { Engine } from "../engine/engine.ts";
import { errorMessage, SlipwayError } from "../errors.ts";
import { connectTo, openRemote } from "../client/connect.ts";
import type { WireTls } from "../platform/unix-fetch.ts";
import type { Trace } from "../internal/trace.ts";
import type { RemoteEngine } from "../client/remote-engine.ts";
import { defaultSocket } from "./paths.ts";
import { NotReached } from "./remote-error.ts";
import { ownCommand } from "./own-command.ts";

interface ConnectInput {
  readonly host: string;
  readonly tls?: WireTls | undefined;
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly trace: Trace;
}

/**
 * The engine at `host`. On this user's own socket one is started when none answers; at any other address nobody is.
 * Throws {@link NotReached}.
 */
export async function connectEngine({ host, tls, root, env, trace }: ConnectInput): Promise<Engine> {
  const socketPath = host.startsWith("unix://") ? host.slice("unix://".length) : undefined;
  const others = { trace, ...(env["SLIPWAY_TOKEN"] && { token: env["SLIPWAY_TOKEN"] }) };
  try {
    if (socketPath === undefined) return await openRemote({ host, tls, ...others });
    const isOwn = socketPath === defaultSocket(root, env) || socketPath === env["SLIPWAY_SOCKET"];
    const engine = connectTo({ socketPath, ...others });
    if (!isOwn) return engine;
    if (await answers(engine)) return engine;
    // Starting one is rare: who finds an engine need not load it.
    const { connectOrStart } = await import("../client/start-engine.ts");
    return await connectOrStart({ socketPath, root, command: ownCommand(), env });
  } catch (error) {
    throw new NotReached(error instanceof SlipwayError ? error.code : "unavailable", errorMessage(error), {
      cause: error,
    });
  }
}

async function answers(engine: RemoteEngine): Promise<boolean> {
  return await engine.ping().then(
    () => true,
    () => false,
  );
}
