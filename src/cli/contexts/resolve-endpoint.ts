import { join } from "node:path";
import type { WireTls } from "../../platform/unix-fetch.ts";
import { ExitError } from "../command.ts";
import { readFile } from "../files.ts";
import { defaultSocket } from "../paths.ts";
import { ContextStore, type Endpoint } from "./context-store.ts";

export interface EndpointInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `-H` */
  readonly host: string | undefined;
  /** `--context` */
  readonly context: string | undefined;
  readonly root: string;
  readonly configDirectory: string;
}

/** The context that stands for the engine on this machine; it has no files. */
export const DEFAULT_CONTEXT = "default";

/**
 * The engine a command speaks to: `-H`, `--context`, `SLIPWAY_SOCKET`, `DOCKER_HOST`, `SLIPWAY_CONTEXT` or
 * `DOCKER_CONTEXT`, the context in use (`slipway context use`, else `docker context use`), and the engine on `root`,
 * the first that is there.
 */
export function resolveEndpoint(input: EndpointInput): Endpoint {
  const { env, host, context, root } = input;
  if (host !== undefined && context !== undefined)
    throw new ExitError(1, "conflicting options: cannot specify both --host and --context");
  if (host !== undefined) return { host, tls: environmentTls(input) };
  if (context !== undefined) return ofContext(context, input);
  if (env["SLIPWAY_SOCKET"]) return { host: `unix://${env["SLIPWAY_SOCKET"]}` };
  if (env["DOCKER_HOST"]) return { host: env["DOCKER_HOST"], tls: environmentTls(input) };
  const named = env["SLIPWAY_CONTEXT"] || env["DOCKER_CONTEXT"] || currentContext(input);
  return named === undefined ? { host: `unix://${defaultSocket(root, env)}` } : ofContext(named, input);
}

/** The name of the context {@link resolveEndpoint} takes, when it takes one. */
export function currentContext({
  configDirectory,
}: Pick<EndpointInput, "configDirectory">): string | undefined {
  return new ContextStore(configDirectory).current();
}

function ofContext(name: string, { root, env, configDirectory }: EndpointInput): Endpoint {
  if (name === DEFAULT_CONTEXT) return { host: `unix://${defaultSocket(root, env)}` };
  return new ContextStore(configDirectory).get(name).endpoint;
}

/** `DOCKER_TLS_VERIFY`, or certificates alone in `DOCKER_CERT_PATH`, as Docker's client reads them. */
function environmentTls({ env, configDirectory }: EndpointInput): WireTls | undefined {
  const verify = (env["DOCKER_TLS_VERIFY"] ?? "") !== "";
  if (!verify && (env["DOCKER_TLS"] ?? "") === "") return undefined;
  const directory = env["DOCKER_CERT_PATH"] || configDirectory;
  const read = (name: string) => {
    try {
      return readFile(join(directory, name)).toString();
    } catch (cause) {
      throw new ExitError(1, `Cannot read the client's certificates: ${String(cause)}`, { cause });
    }
  };
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem"), verify };
}
