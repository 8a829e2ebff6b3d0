import type { Digest } from "../../../oci/digest.ts";
import { compilePattern } from "../../../internal/name-pattern.ts";

/** How long tags live. For each tag the first rule counts that matches repository and tag; none: it stays. */
export interface RetentionRule {
  /** Patterns as `compilePattern` has them. */
  readonly repositories: string;
  /** Default: every tag. */
  readonly tags?: string;
  /** Keep the N tags pushed last, of those the rule is about. */
  readonly keepLast?: number;
  /** Keep tags pushed within this time. */
  readonly keepWithinMs?: number;
  /** Manifests without a tag go this long after they were pushed or last asked for. Default: they stay. */
  readonly untaggedAfterMs?: number;
}

export interface TagRecord {
  readonly tag: string;
  readonly digest: Digest;
  /** When it was set. */
  readonly modified: Date;
}

/** The tags of `repository` that no rule keeps. A rule with neither `keepLast` nor `keepWithinMs` keeps all. Pure. */
export function expiredTags(
  rules: readonly RetentionRule[],
  repository: string,
  tags: readonly TagRecord[],
  now: Date,
): TagRecord[] {
  const groups = new Map<RetentionRule, TagRecord[]>();
  for (const tag of tags) {
    const rule = rules.find((one) => matches(one, repository, tag.tag));
    if (rule !== undefined) groups.set(rule, [...(groups.get(rule) ?? []), tag]);
  }
  return [...groups].flatMap(([rule, group]) => expired(rule, group, now));
}

/** How long manifests without a tag stay in `repository`; undefined: for good. */
export function untaggedAfter(rules: readonly RetentionRule[], repository: string): number | undefined {
  const rule = rules.find(
    (one) => one.untaggedAfterMs !== undefined && compilePattern(one.repositories)(repository),
  );
  return rule?.untaggedAfterMs;
}

function matches(rule: RetentionRule, repository: string, tag: string): boolean {
  return compilePattern(rule.repositories)(repository) && compilePattern(rule.tags ?? "**")(tag);
}

function expired({ keepLast, keepWithinMs }: RetentionRule, tags: TagRecord[], now: Date): TagRecord[] {
  if (keepLast === undefined && keepWithinMs === undefined) return [];
  const newestFirst = tags.sort((a, b) => b.modified.getTime() - a.modified.getTime());
  const since = now.getTime() - (keepWithinMs ?? 0);
  return newestFirst.filter(
    (tag, index) =>
      index >= (keepLast ?? 0) && (keepWithinMs === undefined || tag.modified.getTime() < since),
  );
}
