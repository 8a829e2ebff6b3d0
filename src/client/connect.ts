import { SlipwayError } from "../errors.ts";
import type { Trace } from "../internal/trace.ts";
import type { WireAddress, WireTls } from "../platform/unix-fetch.ts";
import { parseHost } from "./address.ts";
import { RemoteEngine } from "./remote-engine.ts";
import type { WireOptions } from "./wire.ts";

/** How an engine is reached. */
export interface ConnectOptions {
  /** Absolute path of the engine's socket. */
  readonly socketPath?: string;
  /** `unix:///path`, `tcp://host:port` or `https://host:port`, as `DOCKER_HOST` has it, or `ssh://user@host`. */
  readonly host?: string;
  /** TCP over TLS: PEM texts of the authority, and of the client's own certificate and key. */
  readonly tls?: WireTls | undefined;
  /** What `slipway token create` printed: the calls may do no more than it allows. */
  readonly token?: string | undefined;
  /** Measures each call. */
  readonly trace?: Trace | undefined;
}

/**
 * The engine there, without asking whether it answers: the first call does. Throws `invalid_argument`; `ssh://` is for
 * {@link openRemote}.
 */
export function connectTo({ socketPath, host, tls, ...others }: ConnectOptions): RemoteEngine {
  if (host !== undefined) return new RemoteEngine(parseHost(host, tls), others);
  if (socketPath === undefined)
    throw new SlipwayError("invalid_argument", "Cannot connect: neither socketPath nor host is given");
  return new RemoteEngine({ socketPath }, others);
}

/** As {@link connectTo}, also for `ssh://`: disposing the engine ends the connections. */
export async function openRemote(options: ConnectOptions): Promise<RemoteEngine> {
  if (options.host?.startsWith("ssh://") !== true) return connectTo(options);
  const { sshTunnel } = await import("./ssh-tunnel.ts");
  const tunnel = await sshTunnel(options.host);
  return new TunnelledEngine({ socketPath: tunnel.socketPath }, options, tunnel);
}

class TunnelledEngine extends RemoteEngine {
  readonly #tunnel: AsyncDisposable;

  constructor(address: WireAddress, options: WireOptions, tunnel: AsyncDisposable) {
    super(address, options);
    this.#tunnel = tunnel;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#tunnel[Symbol.asyncDispose]();
  }
}
