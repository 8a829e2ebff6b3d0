/** What a list of samples comes down to. All in the unit of the samples. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Half of the samples lie within this distance of the median (median absolute deviation). */
  readonly spread: number;
  readonly count: number;
}

export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  const median = medianOf(sorted);
  const distances = sorted.map((value) => Math.abs(value - median)).toSorted((a, b) => a - b);
  return {
    median,
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    spread: medianOf(distances),
    count: sorted.length,
  };
}

/** Of a list in ascending order; 0 for an empty one. */
function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
