import { errorMessage } from "../../../errors.ts";
import { isDigest, type Digest } from "../../../oci/digest.ts";
import { walkRepositories } from "../catalog.ts";
import { keys } from "../keys.ts";
import type { StorageDriver } from "../storage-driver.ts";
import { collectRepository } from "./collect-repository.ts";
import { digestsBelow } from "./repository-content.ts";
import type { RetentionRule } from "./retention.ts";

export interface CollectOptions {
  /** What was pushed, or asked for by a push, within this time is never taken. */
  readonly graceMs: number;
  readonly rules?: readonly RetentionRule[];
  /** Say what would go, and take nothing. */
  readonly dryRun?: boolean;
  readonly now?: Date;
  readonly signal?: AbortSignal | undefined;
}

export interface CollectReport {
  /** `team/app:v1` */
  readonly tags: string[];
  /** `team/app@sha256:…` */
  readonly manifests: string[];
  /** Blobs taken from a repository that no longer needs them: `team/app@sha256:…` */
  readonly links: string[];
  /** Contents that no repository has any more. */
  readonly blobs: Digest[];
  /** Of `blobs`. */
  bytes: number;
  /** Repositories passed over because something in them cannot be read. */
  readonly problems: string[];
}

/**
 * Takes from the storage what no repository needs, while the registry serves and takes pushes, in this process and in
 * others. Everything goes in two steps: it is taken, then pushes that came in between are looked for, and what they
 * need is put back. Pushes look for theirs once they can be seen. Idempotent; a crash leaves work for the next time.
 */
export async function collectGarbage(
  storage: StorageDriver,
  options: CollectOptions,
): Promise<CollectReport> {
  const report: CollectReport = { tags: [], manifests: [], links: [], blobs: [], bytes: 0, problems: [] };
  const linked = new Set<Digest>();
  for await (const { repository, names } of walkRepositories(storage)) {
    options.signal?.throwIfAborted();
    if (!names.some((name) => name.startsWith("_"))) continue;
    try {
      for (const digest of await collectRepository(storage, repository, options, report)) linked.add(digest);
    } catch (error) {
      report.problems.push(`${repository}: ${errorMessage(error)}`);
      for (const digest of await linksOf(storage, repository)) linked.add(digest);
    }
  }
  await collectBlobs(storage, linked, options, report);
  return report;
}

async function collectBlobs(
  storage: StorageDriver,
  linked: ReadonlySet<Digest>,
  options: CollectOptions,
  report: CollectReport,
): Promise<void> {
  const before = (options.now ?? new Date()).getTime() - options.graceMs;
  const sizes = new Map<Digest, number>();
  for (const digest of await digestsBelow(storage, keys.blobs)) {
    options.signal?.throwIfAborted();
    if (linked.has(digest)) continue;
    const modified = await storage.modified(keys.blob(digest));
    if (modified === undefined || modified.getTime() > before) continue;
    sizes.set(digest, (await storage.size(keys.blob(digest))) ?? 0);
    if (options.dryRun !== true) await storage.move(keys.blob(digest), keys.condemnedBlob(digest));
  }
  const gone = options.dryRun === true ? [...sizes.keys()] : await letGo(storage);
  for (const digest of gone) {
    report.blobs.push(digest);
    report.bytes += sizes.get(digest) ?? 0;
  }
}

/** Drops condemned blobs, those of a run that was cut short too; what a repository has linked since goes back. */
async function letGo(storage: StorageDriver): Promise<Digest[]> {
  const condemned = (await storage.children(keys.condemned)).map((name) => name.replace("-", ":"));
  const left = new Set(condemned.filter(isDigest));
  if (left.size === 0) return [];
  for await (const { repository, names } of walkRepositories(storage)) {
    if (!names.some((name) => name.startsWith("_"))) continue;
    for (const digest of await linksOf(storage, repository)) {
      if (left.delete(digest)) await storage.move(keys.condemnedBlob(digest), keys.blob(digest));
    }
  }
  for (const digest of left) await storage.delete(keys.condemnedBlob(digest));
  return [...left];
}

async function linksOf(storage: StorageDriver, repository: string): Promise<Digest[]> {
  const blobs = await digestsBelow(storage, keys.blobLinks(repository));
  return [...blobs, ...(await digestsBelow(storage, keys.manifests(repository)))];
}
