import type { ContainerHost } from "./containers/host.ts";
import { isActive } from "./containers/record.ts";
import { anyOf, booleanFilter, checkFilters, type Filters } from "./filters.ts";
import type { Stores } from "./open-stores.ts";
import type { BuildCacheItem } from "./types/data-usage.ts";

/** A result in the build cache, and the snapshot that holds it. */
export interface CacheItem {
  readonly snapshot: string;
  readonly item: BuildCacheItem;
}

interface CacheRow {
  readonly key: string;
  readonly step: string;
  readonly snapshot: string;
  readonly created_at: number;
  readonly used_at: number;
}

/** What the build cache holds. A snapshot that several records name is counted with the first of them. */
export async function cacheItems({
  stores,
  host,
}: {
  readonly stores: Stores;
  readonly host: ContainerHost;
}): Promise<CacheItem[]> {
  const sql = `SELECT key, step, snapshot, created_at, used_at FROM build_cache ORDER BY step = '', created_at`;
  const rows = stores.state.db.all<CacheRow>(sql);
  const layers = new Set(stores.layers.list().map(({ snapshot }) => snapshot));
  const running = host.store.all().filter(isActive);
  const inUse = new Set(await Promise.all(running.map(async ({ id }) => await parentOf(stores, id))));
  const ids = new Map(rows.toReversed().map(({ snapshot, key }) => [snapshot, cacheID(key)]));
  const seen = new Set<string>();
  const items: CacheItem[] = [];
  for (const row of rows) {
    const isFirst = !seen.has(row.snapshot);
    // A second key of the same result.
    if (!isFirst && row.step === "") continue;
    seen.add(row.snapshot);
    const usage = await stores.snapshotter.usage(row.snapshot).catch(() => undefined);
    if (usage === undefined) continue;
    const below = ids.get((await parentOf(stores, row.snapshot)) ?? "");
    const item: BuildCacheItem = {
      ID: cacheID(row.key),
      ...(below !== undefined && { Parents: [below] }),
      Type: "regular",
      Description: describe(row.step),
      InUse: inUse.has(row.snapshot),
      Shared: layers.has(row.snapshot),
      Size: isFirst ? usage.contentBytes : 0,
      CreatedAt: new Date(row.created_at).toISOString(),
      LastUsedAt: new Date(row.used_at).toISOString(),
      UsageCount: 0,
    };
    items.push({ snapshot: row.snapshot, item });
  }
  return items;
}

/** What is shown of a record's key. */
function cacheID(key: string): string {
  return key.replace(/^sha256:/, "").slice(0, 25);
}

async function parentOf(stores: Stores, snapshot: string): Promise<string | undefined> {
  return (await stores.snapshotter.stat(snapshot).catch(() => undefined))?.parent;
}

/** A step is kept with the project, file and stage it stands in, a line each, which nobody reads here. */
function describe(step: string): string {
  return step.split("\n").slice(3).join(" ").trim();
}

const flagFilters = ["inuse", "shared", "private", "immutable", "mutable"] as const;
const known = ["until", "unused-for", "id", "parent", "parents", "type", "description", ...flagFilters];

/**
 * The snapshots that the filters of `POST /build/prune` choose (Engine API, "Delete builder cache"); `until` is asked
 * elsewhere. A result with several records is chosen by any. Throws `invalid_argument` for a filter nobody knows.
 */
export function filteredSnapshots(items: readonly CacheItem[], filters: Filters | undefined): Set<string> {
  checkFilters(filters, known);
  const flags = flagFilters.map((name) => [name, flagFilter(filters, name)] as const);
  const chosen = items.filter(({ item }) => {
    const facts = {
      inuse: item.InUse,
      shared: item.Shared,
      private: !item.Shared,
      immutable: true,
      mutable: false,
    };
    return (
      anyOf(filters, "id", (id) => id !== "" && item.ID.startsWith(id)) &&
      [...(filters?.["parent"] ?? []), ...(filters?.["parents"] ?? [])].every(
        (id) => item.Parents?.some((parent) => parent.startsWith(id)) === true,
      ) &&
      anyOf(filters, "type", (type) => type === item.Type) &&
      anyOf(filters, "description", (text) => item.Description.includes(text)) &&
      flags.every(([name, wanted]) => wanted === undefined || facts[name] === wanted)
    );
  });
  return new Set(chosen.map(({ snapshot }) => snapshot));
}

/** `inuse` alone is `inuse=true`. */
function flagFilter(filters: Filters | undefined, name: string): boolean | undefined {
  return filters?.[name]?.[0] === "" ? true : booleanFilter(filters, name);
}
