import { setTimeout as sleep } from "node:timers/promises";
import { serveHttp, type HttpServer, type HttpServerOptions } from "../../../platform/http-server.ts";
import type { ServerConfig } from "../config/server-config.ts";
import { createRegistry } from "../registry.ts";
import type { FindUpstream } from "../proxy/upstream.ts";
import { RateLimiter } from "../rules/rate-limiter.ts";
import { Webhooks } from "../rules/webhooks.ts";
import { parseListen } from "../serve-registry.ts";
import { clientAddress } from "./client-address.ts";
import { CrossOrigin } from "./cross-origin.ts";
import { Front } from "./front.ts";
import { Metrics } from "./metrics.ts";
import { openAccess } from "./open-access.ts";
import { openStorage } from "./open-storage.ts";
import { formatAccessLine } from "./request-record.ts";
import { serveTls } from "./tls-server.ts";
import { startUpkeep } from "./upkeep-jobs.ts";

/** What a running registry tells, and whom. */
export interface RegistryOutlets {
  /** A line of the access log, with its line feed. */
  log(line: string): void;
  /** What failed inside. */
  onError(error: unknown): void;
  /** Reaches the upstreams of `config.proxy`: the client is not the server's to import. */
  readonly upstream?: FindUpstream | undefined;
}

/** Dispose ends at once; {@link stop} as configured. Both are idempotent. */
export interface RunningRegistry extends AsyncDisposable {
  readonly url: string;
  readonly port: number | undefined;
  /** Takes no more connections and returns when running requests are through, or when the configured time is over. */
  stop(): Promise<void>;
}

/** Runs the registry `config` describes. Throws `invalid_argument`, `unavailable` when the address is taken. */
export async function runRegistry(config: ServerConfig, outlets: RegistryOutlets): Promise<RunningRegistry> {
  const { onError } = outlets;
  const storage = await openStorage(config.storage);
  const { access, tokenIssuer } = await openAccess(config.auth ?? {});
  const metrics = config.metrics === false ? undefined : new Metrics();
  const webhooks = new Webhooks(config.webhooks ?? [], onError);
  const { upstream } = outlets;
  const proxy = upstream && { upstream, tagMs: config.proxy?.tagMs ?? 60_000 };
  const registry = createRegistry({
    storage,
    onError,
    rules: config.repositories ?? [],
    onEvent: (event) => webhooks.tell(event),
    ...(access && { access }),
    ...(proxy && { proxy }),
  });
  const front = new Front({
    registry,
    tokenIssuer,
    metrics,
    rateLimiter: config.rateLimit && new RateLimiter(config.rateLimit),
    crossOrigin: config.cors && new CrossOrigin(config.cors),
    client: clientAddress(config.trustedProxies ?? []),
    health: async () => void (await storage.children("blobs")),
    ...(config.accessLog !== false && {
      onRequest: (record) => outlets.log(formatAccessLine(record, new Date())),
    }),
  });
  const server = await listen(config, {
    handler: (request, peer) => front.handle(request, peer),
    onError,
  });
  const jobs = [...startUpkeep(config, storage, { metrics, onError }), webhooks];
  return running(server, front, jobs, config.shutdownMs ?? 300_000);
}

async function listen(
  config: ServerConfig,
  options: Omit<HttpServerOptions, "listen" | "tls">,
): Promise<HttpServer> {
  const address = parseListen(config.listen ?? "127.0.0.1:5000");
  if (config.tls === undefined) return await serveHttp({ ...options, listen: address });
  return await serveTls({ ...options, listen: address, files: config.tls });
}

function running(
  server: HttpServer,
  front: Front,
  jobs: readonly AsyncDisposable[],
  shutdownMs: number,
): RunningRegistry {
  const endJobs = async (): Promise<void> =>
    void (await Promise.all(jobs.map(async (job) => await job[Symbol.asyncDispose]())));
  const end = async (): Promise<void> => {
    await server[Symbol.asyncDispose]();
    await endJobs();
  };
  const drain = async (): Promise<void> => {
    front.drain();
    const deadline = new AbortController();
    const late = sleep(shutdownMs, undefined, { signal: deadline.signal, ref: false }).catch(() => {});
    await Promise.race([server.stop(), late]);
    deadline.abort();
    await end();
  };
  let stopping: Promise<void> | undefined;
  return {
    url: server.url,
    port: server.port,
    stop: () => (stopping ??= drain()),
    [Symbol.asyncDispose]: end,
  };
}
