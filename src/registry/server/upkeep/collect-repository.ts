import { randomUUID } from "node:crypto";
import type { Digest } from "../../../oci/digest.ts";
import { keys } from "../keys.ts";
import type { StorageDriver } from "../storage-driver.ts";
import type { CollectOptions, CollectReport } from "./collect.ts";
import { planRepository } from "./plan-repository.ts";
import { digestsBelow, readManifests, readTags, type ManifestRecord } from "./repository-content.ts";
import type { TagRecord } from "./retention.ts";

/** One repository's part of `collectGarbage`. Returns the digests it still links. Throws when it cannot be read. */
export async function collectRepository(
  storage: StorageDriver,
  repository: string,
  options: CollectOptions,
  report: CollectReport,
): Promise<Digest[]> {
  const now = options.now ?? new Date();
  const known = await readManifests(storage, repository);
  const plan = planRepository(
    repository,
    await readTags(storage, repository),
    known,
    options.rules ?? [],
    now,
  );
  const work = {
    storage,
    repository,
    dryRun: options.dryRun === true,
    before: now.getTime() - options.graceMs,
  };
  const kept = new Set<Digest>(known.keys());
  for (const tag of plan.tags) {
    if (await takeTag(work, tag)) report.tags.push(`${repository}:${tag.tag}`);
  }
  for (const manifest of await takeManifests(work, plan.manifests, known)) {
    kept.delete(manifest);
    report.manifests.push(`${repository}@${manifest}`);
  }
  const stayed = new Map([...known].filter(([digest]) => kept.has(digest)));
  // What was to go and stayed after all, because it is young or needed again, needs its blobs.
  const needed = new Set(plan.needed);
  for (const { digest, mentions } of plan.manifests)
    if (kept.has(digest)) for (const mention of mentions) needed.add(mention);
  const links = await digestsBelow(storage, keys.blobLinks(repository));
  const gone = await takeLinks(
    work,
    links.filter((digest) => !needed.has(digest)),
    stayed,
  );
  for (const digest of gone) report.links.push(`${repository}@${digest}`);
  const lost = new Set(gone);
  return [...kept, ...links.filter((digest) => !lost.has(digest))];
}

interface Work {
  readonly storage: StorageDriver;
  readonly repository: string;
  readonly dryRun: boolean;
  /** What is younger stays, milliseconds since 1970. */
  readonly before: number;
}

/** Takes a tag unless it was set anew since it was read. */
async function takeTag({ storage, repository, dryRun }: Work, tag: TagRecord): Promise<boolean> {
  if (dryRun) return true;
  const key = keys.tag(repository, tag.tag);
  const away = keys.condemnedTag(randomUUID());
  const modified = await storage.modified(key);
  if (modified?.getTime() !== tag.modified.getTime()) return false;
  await storage.move(key, away);
  const taken = await storage.get(away);
  const same = taken !== undefined && new TextDecoder().decode(taken) === tag.digest;
  if (!same && (await storage.size(key)) === undefined) await storage.move(away, key);
  else await storage.delete(away);
  return same;
}

/** Takes manifests; those that a push has made anew, tagged or listed in an index meanwhile stay or come back. */
async function takeManifests(
  work: Work,
  manifests: readonly ManifestRecord[],
  known: ReadonlyMap<Digest, ManifestRecord>,
): Promise<Digest[]> {
  const { storage, repository, dryRun, before } = work;
  const taken = new Map<Digest, ManifestRecord>();
  for (const manifest of manifests) {
    const key = keys.manifestLink(repository, manifest.digest);
    const modified = await storage.modified(key);
    if (modified === undefined || modified.getTime() > before) continue;
    taken.set(manifest.digest, manifest);
    if (!dryRun) await storage.delete(key);
    if (!dryRun && manifest.subject !== undefined)
      await storage.delete(keys.referrer(repository, manifest.subject, manifest.digest));
  }
  if (dryRun || taken.size === 0) return [...taken.keys()];
  const tagged = (await readTags(storage, repository)).map((tag) => tag.digest);
  const stayed = new Map([...known].filter(([digest]) => !taken.has(digest)));
  const fresh = await readManifests(storage, repository, stayed);
  for (const digest of fresh.keys()) taken.delete(digest);
  const there = [...stayed.values(), ...fresh.values()];
  const waiting = [...tagged, ...there.flatMap((manifest) => [...manifest.mentions])];
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    const manifest = taken.get(digest);
    if (manifest === undefined) continue;
    await putBack(work, manifest);
    taken.delete(digest);
    waiting.push(...manifest.mentions);
  }
  return [...taken.keys()];
}

async function putBack({ storage, repository }: Work, manifest: ManifestRecord): Promise<void> {
  const { digest, mediaType, subject, referrer } = manifest;
  await storage.put(keys.manifestLink(repository, digest), mediaType);
  if (subject !== undefined && referrer !== undefined)
    await storage.put(keys.referrer(repository, subject, digest), referrer);
}

/**
 * Takes links of blobs; those that a manifest pushed meanwhile needs come back. `stayed` are the manifests whose needs
 * are known to be met: one that was taken and pushed anew is none of them.
 */
async function takeLinks(
  work: Work,
  digests: readonly Digest[],
  stayed: ReadonlyMap<Digest, ManifestRecord>,
): Promise<Digest[]> {
  const { storage, repository, dryRun, before } = work;
  const taken = new Set<Digest>();
  for (const digest of digests) {
    const key = keys.blobLink(repository, digest);
    const modified = await storage.modified(key);
    if (modified === undefined || modified.getTime() > before) continue;
    taken.add(digest);
    if (!dryRun) await storage.delete(key);
  }
  if (dryRun || taken.size === 0) return [...taken];
  const fresh = await readManifests(storage, repository, stayed);
  for (const digest of [...fresh.values()].flatMap((manifest) => [...manifest.mentions])) {
    if (taken.delete(digest)) await storage.put(keys.blobLink(repository, digest), "");
  }
  return [...taken];
}
