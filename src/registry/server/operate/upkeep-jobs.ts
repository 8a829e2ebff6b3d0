import type { ServerConfig } from "../config/server-config.ts";
import { purgeUploads } from "../purge.ts";
import type { StorageDriver } from "../storage-driver.ts";
import { collectGarbage } from "../upkeep/collect.ts";
import { scrubBlobs } from "../upkeep/scrub.ts";
import type { Metrics } from "./metrics.ts";
import { Periodic } from "./periodic.ts";

const hour = 3_600_000;

export interface UpkeepOutlets {
  readonly metrics: Metrics | undefined;
  onError(error: unknown): void;
}

/** What a running registry does by itself: it drops stale uploads, collects and scrubs, as configured. */
export function startUpkeep(
  config: ServerConfig,
  storage: StorageDriver,
  outlets: UpkeepOutlets,
): Periodic[] {
  const { onError } = outlets;
  const age = config.uploadMaxAgeMs ?? 7 * 24 * hour;
  const purge = async (): Promise<void> => void (await purgeUploads(storage, new Date(Date.now() - age)));
  const jobs = [new Periodic({ everyMs: hour, firstMs: 0, work: purge, onError })];
  const { gc, scrub } = config;
  if (gc?.everyMs !== undefined)
    jobs.push(
      new Periodic({
        everyMs: gc.everyMs,
        work: async (signal) => await collect(config, storage, outlets, signal),
        onError,
      }),
    );
  if (scrub !== undefined)
    jobs.push(
      new Periodic({
        everyMs: scrub.everyMs,
        work: async (signal) => await check(scrub.bytesPerSecond, storage, outlets, signal),
        onError,
      }),
    );
  return jobs;
}

async function collect(
  { gc }: ServerConfig,
  storage: StorageDriver,
  { metrics, onError }: UpkeepOutlets,
  signal: AbortSignal,
): Promise<void> {
  const rules = gc?.retention ?? [];
  const report = await collectGarbage(storage, { graceMs: gc?.graceMs ?? hour, rules, signal });
  const { tags, manifests, blobs, bytes } = report;
  const count = (what: string, by: number): void =>
    metrics?.count("slipway_registry_collected_total", "What the collector took", { what }, by);
  count("tags", tags.length);
  count("manifests", manifests.length);
  count("blobs", blobs.length);
  count("bytes", bytes);
  for (const problem of report.problems) onError(`The collector passed over ${problem}`);
}

async function check(
  bytesPerSecond: number | undefined,
  storage: StorageDriver,
  { metrics, onError }: UpkeepOutlets,
  signal: AbortSignal,
): Promise<void> {
  const { checked, corrupt } = await scrubBlobs(storage, { bytesPerSecond, signal });
  metrics?.count("slipway_registry_scrubbed_total", "Blobs verified", {}, checked);
  metrics?.count("slipway_registry_corrupt_total", "Blobs put into quarantine", {}, corrupt.length);
  for (const digest of corrupt) onError(`Blob "${digest}" is corrupt and lies in quarantine`);
}
