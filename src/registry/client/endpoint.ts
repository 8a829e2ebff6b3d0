import { errorCode, errorMessage, SlipwayError } from "../../errors.ts";
import { Authorizer } from "./authorizer.ts";
import type { Credentials } from "./credentials.ts";
import { isInsecure, isLoopback } from "./host-match.ts";
import type { HttpClient } from "./http-client.ts";
import type { RegistryConfig } from "./registry-config.ts";

const hubDomain = "docker.io";
const hubHost = "registry-1.docker.io";

/** One server that may answer for a registry: the registry itself, or a mirror. */
export interface Endpoint {
  /** `registry-1.docker.io`, for messages. */
  readonly host: string;
  readonly insecure: boolean;
  readonly mirror: boolean;
  /** How many ranges of a large blob are fetched at once. */
  readonly connections: number;
  readonly authorizer: Authorizer;
  /** Whether a token server at `host` may do without TLS: this very host, loopback, and what is declared insecure. */
  mayBeInsecure(host: string): boolean;
  /** `https://host[/prefix]/`; found out at first use where plain HTTP is allowed. Throws `unavailable`. */
  base(signal?: AbortSignal): Promise<URL>;
}

/** The mirrors of `domain`, and last the registry itself. Throws `invalid_argument` for a malformed mirror. */
export function registryEndpoints(domain: string, config: RegistryConfig, client: HttpClient): Endpoint[] {
  const mirrors = config.mirrors?.[domain] ?? [];
  return [
    ...mirrors.map((mirror) => mirrorEndpoint(mirror, config, client)),
    upstreamEndpoint(domain, config, client),
  ];
}

/** The registry itself. */
export function upstreamEndpoint(domain: string, config: RegistryConfig, client: HttpClient): Endpoint {
  const host = domain === hubDomain || domain === "index.docker.io" ? hubHost : domain;
  const insecure = mayBePlain(host, config);
  const candidates = insecure ? candidateBases(host) : [new URL(`https://${host}/`)];
  return endpoint({ host, domain, insecure, mirror: false, candidates }, config, client);
}

/** A mirror with a scheme gets that scheme: naming `http://` is the explicit setting. */
function mirrorEndpoint(mirror: string, config: RegistryConfig, client: HttpClient): Endpoint {
  const text = mirror.includes("://") ? mirror : `https://${mirror}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.username !== "")
    throw new SlipwayError(
      "invalid_argument",
      `Invalid registry mirror "${mirror}": expected http(s)://HOST[:PORT]`,
    );
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/`;
  const insecure = url.protocol === "http:" || mayBePlain(url.host, config);
  return endpoint(
    { host: url.host, domain: url.host, insecure, mirror: true, candidates: [url] },
    config,
    client,
  );
}

interface Place {
  readonly host: string;
  /** What credentials are kept under. */
  readonly domain: string;
  readonly insecure: boolean;
  readonly mirror: boolean;
  readonly candidates: readonly URL[];
}

function endpoint(place: Place, config: RegistryConfig, client: HttpClient): Endpoint {
  const { host, domain, insecure, mirror, candidates } = place;
  const credentials = async (): Promise<Credentials | undefined> =>
    await (mirror ? config.mirrorCredentials?.(host) : config.credentials?.(domain));
  let found: Promise<URL> | undefined;
  const base = async (signal?: AbortSignal): Promise<URL> => {
    found ??= firstAnswering(host, candidates, client, signal);
    try {
      return await found;
    } catch (error) {
      found = undefined;
      throw error;
    }
  };
  const mayBeInsecure = (other: string): boolean =>
    mayBePlain(other, config) || (insecure && sameName(host, other));
  const authorizer = new Authorizer({ client, credentials, mayBeInsecure });
  // Over loopback one connection is as fast as several.
  const connections = config.rangeConnections ?? (isLoopback(host) ? 1 : 4);
  return { host, insecure, mirror, connections, base, mayBeInsecure, authorizer };
}

function sameName(one: string, other: string): boolean {
  return one.replace(/:\d+$/, "") === other.replace(/:\d+$/, "");
}

function mayBePlain(host: string, config: RegistryConfig): boolean {
  return isLoopback(host) || isInsecure(host, config.insecureRegistries ?? []);
}

/** On loopback nobody listens in, and plain HTTP is what most speak; elsewhere TLS is tried first. */
function candidateBases(host: string): URL[] {
  const plain = new URL(`http://${host}/`);
  const tls = new URL(`https://${host}/`);
  return isLoopback(host) ? [plain, tls] : [tls, plain];
}

/** Asks each candidate `/v2/`, without credentials, and takes the first that speaks its protocol. */
async function firstAnswering(
  host: string,
  candidates: readonly URL[],
  client: HttpClient,
  signal: AbortSignal | undefined,
): Promise<URL> {
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) return only;
  const problems: string[] = [];
  for (const candidate of candidates) {
    try {
      using exchange = await client.exchange(new URL("v2/", candidate), {
        method: "GET",
        insecure: true,
        signal,
      });
      if (exchange.response.status !== 400) return candidate;
      problems.push(`${candidate.protocol}// answered 400`);
    } catch (error) {
      signal?.throwIfAborted();
      if (errorCode(error) === "deadline_exceeded") throw error;
      problems.push(errorMessage(error));
    }
  }
  throw new SlipwayError(
    "unavailable",
    problems.length === 0 ? `Cannot reach ${host}` : [...new Set(problems)].join("; "),
  );
}
