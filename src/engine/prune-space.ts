import { humanSize } from "../internal/human-size.ts";

/** The space limits of a pruning, bytes (Engine API, "Delete builder cache"). */
export interface PruneSpace {
  /** That much is always kept. `keepStorage` is its old name. */
  readonly reservedSpace?: number;
  /** The cache may take that much. */
  readonly maxUsedSpace?: number;
  /** The disk shall have that much left. */
  readonly minFreeSpace?: number;
}

/**
 * How much of the cache may stay, and why no more: as BuildKit reckons, the reserved space counts more than the free one,
 * and that more than the used one. Undefined without limits: nothing need stay. Pure.
 */
export function keptSpace(
  { reservedSpace = 0, maxUsedSpace = 0, minFreeSpace = 0 }: PruneSpace,
  disk: { readonly cacheBytes: number; readonly freeBytes: number },
): { readonly keepBytes: number; readonly reason: string } | undefined {
  if (reservedSpace <= 0 && maxUsedSpace <= 0 && minFreeSpace <= 0) return undefined;
  const missing = minFreeSpace - disk.freeBytes;
  const allowed = maxUsedSpace > 0 ? maxUsedSpace : Number.POSITIVE_INFINITY;
  const isShort = missing > 0 && disk.cacheBytes - missing < allowed;
  const wanted = isShort ? Math.max(disk.cacheBytes - missing, 0) : allowed;
  // With a reserve alone everything beyond it goes.
  const keepBytes =
    wanted === Number.POSITIVE_INFINITY ? (minFreeSpace > 0 ? disk.cacheBytes : reservedSpace) : wanted;
  const isReserve = keepBytes <= reservedSpace;
  const size = humanSize(isReserve ? reservedSpace : isShort ? minFreeSpace : keepBytes);
  const reason = !isReserve && isShort ? `to keep ${size} of the disk free` : `to stay under ${size}`;
  return { keepBytes: Math.max(keepBytes, reservedSpace), reason };
}
