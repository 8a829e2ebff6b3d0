import type { SnapshotRecord } from "./snapshot-records.ts";

/**
 * The records that `isLost` names, and every committed snapshot and view that stands on one of them; children come
 * before their parents. Active snapshots hold what nobody else has: they are lost only by themselves.
 */
export function lostRecords(
  records: readonly SnapshotRecord[],
  isLost: (record: SnapshotRecord) => boolean,
): SnapshotRecord[] {
  const parents = new Map(records.map(({ id, parent }) => [id, parent]));
  const direct = new Set(records.filter(isLost).map(({ id }) => id));
  const ancestors = (record: SnapshotRecord): number[] => {
    const found: number[] = [];
    for (let at = record.parent; at !== null && at !== undefined; at = parents.get(at) ?? null)
      found.push(at);
    return found;
  };
  return records
    .map((record) => ({ record, above: ancestors(record) }))
    .filter(({ record, above }) => {
      const standsOnLost = record.kind !== "active" && above.some((id) => direct.has(id));
      return direct.has(record.id) || standsOnLost;
    })
    .sort((a, b) => b.above.length - a.above.length)
    .map(({ record }) => record);
}
