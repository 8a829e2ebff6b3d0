import { SlipwayError } from "../../errors.ts";
import { parseSize } from "../../internal/parse-size.ts";

/** An amount of disk: bytes, or a part of the file system (0 to 1). */
export type DiskAmount = { readonly bytes: number } | { readonly part: number };

/** What the collector keeps to. What is left out is {@link defaultBudget}'s. */
export interface DiskBudget {
  /** The most that the build cache may take that nothing else needs. */
  readonly maxUsed?: DiskAmount | undefined;
  /** What must stay free of the file system as long as there is build cache to give up for it. */
  readonly minFree?: DiskAmount | undefined;
}

const GB = 1e9;

/** `20GB` or `15%`. Throws `invalid_argument`. */
export function parseDiskAmount(text: string): DiskAmount {
  if (!text.endsWith("%")) return { bytes: parseSize(text) };
  const percent = Number(text.slice(0, -1));
  if (text.length > 1 && percent >= 0 && percent <= 100) return { part: percent / 100 };
  throw new SlipwayError("invalid_argument", `invalid size: '${text}'`);
}

/** Both limits in bytes, for a file system of `size` bytes. Pure. */
export function budgetBytes(budget: DiskBudget, size: number): { maxUsed: number; minFree: number } {
  const { maxUsed, minFree } = { ...defaultBudget(size), ...definedOnly(budget) };
  return { maxUsed: bytesOf(maxUsed, size), minFree: bytesOf(minFree, size) };
}

/** A fifth of the disk, at most 50 GB, for the cache; a tenth of it, at most 20 GB, stays free. */
function defaultBudget(size: number): { maxUsed: DiskAmount; minFree: DiskAmount } {
  return {
    maxUsed: { bytes: Math.min(size / 5, 50 * GB) },
    minFree: { bytes: Math.min(size / 10, 20 * GB) },
  };
}

function bytesOf(amount: DiskAmount, size: number): number {
  return Math.floor("bytes" in amount ? amount.bytes : amount.part * size);
}

function definedOnly({
  maxUsed,
  minFree,
}: DiskBudget): Partial<{ maxUsed: DiskAmount; minFree: DiskAmount }> {
  return { ...(maxUsed !== undefined && { maxUsed }), ...(minFree !== undefined && { minFree }) };
}

/**
 * How many bytes of build cache may stay, and why no more: `used` is what it takes now, `free` what the file system has
 * left. Undefined: all of it. Pure.
 */
export function cacheLimit(
  limits: { readonly maxUsed: number; readonly minFree: number },
  disk: { readonly used: number; readonly free: number },
): { keepBytes: number; isForFree: boolean } | undefined {
  const forFree = Math.max(0, disk.used - Math.max(0, limits.minFree - disk.free));
  const keepBytes = Math.min(limits.maxUsed, forFree);
  return keepBytes < disk.used ? { keepBytes, isForFree: forFree < limits.maxUsed } : undefined;
}
