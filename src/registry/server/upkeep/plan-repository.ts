import type { Digest } from "../../../oci/digest.ts";
import type { ManifestRecord } from "./repository-content.ts";
import { expiredTags, untaggedAfter, type RetentionRule, type TagRecord } from "./retention.ts";

type Manifests = ReadonlyMap<Digest, ManifestRecord>;

/** What the collector takes from a repository, and what the rest of it needs. */
export interface RepositoryPlan {
  readonly tags: readonly TagRecord[];
  readonly manifests: readonly ManifestRecord[];
  /** Digests that manifests which stay name. */
  readonly needed: ReadonlySet<Digest>;
}

/**
 * Tags go by the rules; with a tag go its manifest, what an index of it lists and what refers to it, unless something
 * that stays needs them. Manifests that never had a tag go by `untaggedAfterMs` alone. Pure.
 */
export function planRepository(
  repository: string,
  tags: readonly TagRecord[],
  manifests: Manifests,
  rules: readonly RetentionRule[],
  now: Date,
): RepositoryPlan {
  const expired = expiredTags(rules, repository, tags, now);
  const tagged = new Set(tags.filter((tag) => !expired.includes(tag)).map((tag) => tag.digest));
  const candidates = reach(
    expired.map((tag) => tag.digest),
    manifests,
  );
  const maxAge = untaggedAfter(rules, repository);
  if (maxAge !== undefined) {
    for (const { digest, modified } of manifests.values())
      if (modified.getTime() < now.getTime() - maxAge) candidates.add(digest);
  }
  const roots = [...manifests.keys()].filter((digest) => tagged.has(digest) || !candidates.has(digest));
  const kept = reach(roots, manifests);
  const stay = [...manifests.values()].filter((manifest) => kept.has(manifest.digest));
  return {
    tags: expired,
    manifests: [...manifests.values()].filter((manifest) => !kept.has(manifest.digest)),
    needed: new Set(stay.flatMap((manifest) => [...manifest.mentions])),
  };
}

/** `from`, the manifests they name, and what refers to any of these. */
function reach(from: readonly Digest[], manifests: Manifests): Set<Digest> {
  const reached = new Set<Digest>();
  const referrers = Map.groupBy(manifests.values(), (manifest) => manifest.subject);
  const waiting = [...from];
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    const manifest = manifests.get(digest);
    if (manifest === undefined || reached.has(digest)) continue;
    reached.add(digest);
    waiting.push(...manifest.mentions, ...(referrers.get(digest) ?? []).map((referrer) => referrer.digest));
  }
  return reached;
}
