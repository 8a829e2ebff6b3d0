import { mkdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { SlipwayError } from "../../../errors.ts";
import { serveHttp, type HttpServer, type HttpServerOptions } from "../../../platform/http-server.ts";
import type { ServerConfig, StorageConfig } from "../config/server-config.ts";
import { FilesystemDriver } from "../filesystem-driver.ts";
import { purgeUploads } from "../purge.ts";
import { createRegistry } from "../registry.ts";
import { parseListen } from "../serve-registry.ts";
import type { StorageDriver } from "../storage-driver.ts";
import { Front } from "./front.ts";
import { Metrics } from "./metrics.ts";
import { openAccess } from "./open-access.ts";
import { Periodic } from "./periodic.ts";
import { formatAccessLine } from "./request-record.ts";
import { serveTls } from "./tls-server.ts";

const hour = 3_600_000;

/** What a running registry tells, and whom. */
export interface RegistryOutlets {
  /** A line of the access log, with its line feed. */
  log(line: string): void;
  /** What failed inside. */
  onError(error: unknown): void;
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
  const registry = createRegistry({ storage, onError, ...(access && { access }) });
  const front = new Front({
    registry,
    tokenIssuer,
    metrics,
    health: async () => void (await storage.children("blobs")),
    ...(config.accessLog !== false && {
      onRequest: (record) => outlets.log(formatAccessLine(record, new Date())),
    }),
  });
  const server = await listen(config, {
    handler: (request, peer) => front.handle(request, peer),
    idleSeconds: 120,
    onError,
  });
  const jobs = startJobs(config, storage, onError);
  return running(server, front, jobs, config.shutdownMs ?? 300_000);
}

/** Where the registry keeps its bytes. */
export async function openStorage(config: StorageConfig | undefined): Promise<StorageDriver> {
  if (config === undefined)
    throw new SlipwayError("invalid_argument", "Invalid registry configuration: storage is missing");
  await mkdir(config.filesystem.root, { recursive: true });
  return new FilesystemDriver(config.filesystem.root);
}

async function listen(
  config: ServerConfig,
  options: Omit<HttpServerOptions, "listen" | "tls">,
): Promise<HttpServer> {
  const address = parseListen(config.listen ?? "127.0.0.1:5000");
  if (config.tls === undefined) return await serveHttp({ ...options, listen: address });
  return await serveTls({ ...options, listen: address, files: config.tls });
}

function startJobs(config: ServerConfig, storage: StorageDriver, onError: (e: unknown) => void): Periodic[] {
  const age = config.uploadMaxAgeMs ?? 7 * 24 * hour;
  const purge = async (): Promise<void> => void (await purgeUploads(storage, new Date(Date.now() - age)));
  return [new Periodic({ everyMs: hour, firstMs: 0, work: purge, onError })];
}

function running(
  server: HttpServer,
  front: Front,
  jobs: readonly Periodic[],
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
