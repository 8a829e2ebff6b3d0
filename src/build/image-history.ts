import type { HistoryEntry } from "../oci/image-config.ts";

/**
 * Gives every entry a time. A layer's is when its step was carried out, so that a cached build has the image ID it
 * had before; what has no layer takes that of the layer before it, or of the first new layer when none is before.
 */
export function withTimes(
  history: readonly HistoryEntry[],
  layerTimes: readonly (number | undefined)[],
): HistoryEntry[] {
  const dated = history.map((entry, at): HistoryEntry => {
    const time = layerTimes[at];
    return time === undefined || time === 0 ? entry : { created: new Date(time).toISOString(), ...entry };
  });
  const firstNew = dated.find((entry, at) => entry.created !== undefined && layerTimes[at] !== undefined);
  const lastDated = dated.findLast((entry) => entry.created !== undefined);
  let created = (firstNew ?? lastDated)?.created;
  let isBase = true;
  return dated.map((entry, at) => {
    if (entry.created !== undefined) {
      if (!isBase || layerTimes[at] !== undefined) created = entry.created;
      return entry;
    }
    isBase = false;
    return created === undefined ? entry : { created, ...entry };
  });
}

/** Every entry without a time gets this one, in seconds since the epoch. */
export function withTime(history: readonly HistoryEntry[], epoch: number): HistoryEntry[] {
  const created = new Date(epoch * 1000).toISOString();
  return history.map((entry) => ({ created, ...entry }));
}
