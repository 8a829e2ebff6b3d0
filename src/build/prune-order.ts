import type { Digest } from "../oci/digest.ts";

/** A record of the build cache, and what its snapshot takes on disk. `id`, `parent`: of the snapshot; null when it is gone. */
export interface CachedStep {
  readonly key: Digest;
  readonly snapshot: string;
  readonly id: number | null;
  readonly bytes: number;
  /** ms since the epoch */
  readonly usedAt: number;
}

/** Everything recorded of one snapshot: it is free only when all of it is dropped. */
export interface CachedResult {
  readonly snapshot: string;
  readonly keys: readonly Digest[];
  readonly bytes: number;
  /** When it, or what stands on it, was of use last, ms since the epoch. */
  readonly usedAt: number;
}

/**
 * The results of the cache in the order in which they may go: those longest unused first, and never one before what
 * stands on it. `parents`: of every snapshot, by id. Pure.
 */
export function pruneOrder(
  steps: readonly CachedStep[],
  parents: ReadonlyMap<number, number | null>,
): CachedResult[] {
  const usedAt = new Map<number, number>();
  for (const step of steps) noteUse(step, parents, usedAt);
  const groups = Map.groupBy(steps, ({ snapshot }) => snapshot);
  const results = Array.from(groups, ([snapshot, of]) => {
    const id = of[0]?.id ?? null;
    const own = Math.max(...of.map((step) => step.usedAt));
    const used = (id === null ? undefined : usedAt.get(id)) ?? own;
    return { id: id ?? 0, snapshot, keys: of.map(({ key }) => key), bytes: of[0]?.bytes ?? 0, usedAt: used };
  });
  // Ids grow, so what stands on another has the higher one.
  results.sort((a, b) => a.usedAt - b.usedAt || b.id - a.id);
  return results.map(({ id: _, ...result }) => result);
}

function noteUse(
  step: CachedStep,
  parents: ReadonlyMap<number, number | null>,
  usedAt: Map<number, number>,
): void {
  for (let at = step.id; at !== null; at = parents.get(at) ?? null) {
    if ((usedAt.get(at) ?? -1) >= step.usedAt) return;
    usedAt.set(at, step.usedAt);
  }
}
