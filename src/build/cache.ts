import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { humanDuration } from "../internal/human-duration.ts";
import type { Digest } from "../oci/digest.ts";
import type { Sqlite } from "../platform/sqlite.ts";
import type { CacheKey, KeyPart } from "./op-handler.ts";
import { SeenSteps } from "./seen-steps.ts";
import { pruneOrder, type CachedResult, type CachedStep } from "./prune-order.ts";

/** What is known of a step that was carried out. */
export interface CacheRecord {
  readonly key: Digest;
  readonly parts: readonly KeyPart[];
  /** Digest of the file manifest, read with {@link BuildCache.manifest}. */
  readonly manifest?: string;
  /** The step as written, in its project and stage. */
  readonly step: string;
  /** Where it stood: project, stage, number. */
  readonly place: string;
  readonly snapshot: string;
  /** What the steps after this one are keyed on. */
  readonly resultKey: Digest;
  readonly durationMs: number;
  /** ms since the epoch */
  readonly createdAt: number;
}

interface Row {
  key: string;
  inputs: string;
  manifest: string | null;
  step: string;
  place: string;
  snapshot: string;
  result_key: string | null;
  duration_ms: number;
  created_at: number;
  used_at: number;
}

/** How stale a record's time of use may be before a hit writes it anew. */
const touchAfterMs = 60_000;

/** Steps that were carried out, by key, with what went into each. */
export class BuildCache {
  /** The steps of all projects as they were last. */
  readonly seen: SeenSteps;
  readonly #db: Sqlite;
  readonly #now: () => number;

  constructor(db: Sqlite, now: () => number) {
    this.#db = db;
    this.#now = now;
    this.seen = new SeenSteps(db, now);
  }

  get(key: Digest): CacheRecord | undefined {
    const row = this.#db.get<Row>("SELECT * FROM build_cache WHERE key = ?", key);
    return row === undefined ? undefined : toRecord(row);
  }

  /** The newest record of the same step, as written, in the same project and stage. */
  lastOfStep(step: string): CacheRecord | undefined {
    return this.#last("step", step);
  }

  /** The newest record of whatever step stood at this place. */
  lastAtPlace(place: string): CacheRecord | undefined {
    return this.#last("place", place);
  }

  #last(column: "step" | "place", value: string): CacheRecord | undefined {
    const sql = `SELECT * FROM build_cache WHERE ${column} = ? ORDER BY used_at DESC LIMIT 1`;
    const row = this.#db.get<Row>(sql, value);
    return row === undefined ? undefined : toRecord(row);
  }

  /**
   * Records a step. Its snapshot must be committed. Replaces an older record of the key. Not flushed: a power cut costs the
   * record, and the image's own record, which comes later, seals it.
   */
  put(record: CacheRecord, key: CacheKey): void {
    this.#db.unflushed(() => {
      if (key.manifest !== undefined) this.#putManifest(key.manifest.digest, key.manifest.text);
      this.#db.run(
        `INSERT OR REPLACE INTO build_cache
         (key, inputs, manifest, step, place, snapshot, result_key, duration_ms, created_at, used_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        record.key,
        JSON.stringify(record.parts),
        key.manifest?.digest ?? null,
        record.step,
        record.place,
        record.snapshot,
        record.resultKey,
        record.durationMs,
        record.createdAt,
        this.#now(),
      );
    });
  }

  #putManifest(digest: string, text: string): void {
    if (this.#db.get("SELECT 1 FROM build_manifests WHERE digest = ?", digest) !== undefined) return;
    const body = zstdCompressSync(Buffer.from(text));
    this.#db.run("INSERT INTO build_manifests (digest, body) VALUES (?, ?)", digest, body);
  }

  /** The text of a file manifest; undefined when it was collected. */
  manifest(digest: string): string | undefined {
    const sql = "SELECT body FROM build_manifests WHERE digest = ?";
    const row = this.#db.get<{ body: Uint8Array }>(sql, digest);
    return row === undefined ? undefined : zstdDecompressSync(row.body).toString();
  }

  /** Every record whose result the snapshot is. */
  ofSnapshot(snapshot: string): CacheRecord[] {
    const sql = "SELECT * FROM build_cache WHERE snapshot = ? ORDER BY key";
    return this.#db.all<Row>(sql, snapshot).map(toRecord);
  }

  /** Notes that the records were of use, in one write, and in none when they were used a moment ago. */
  touch(keys: readonly Digest[]): void {
    const stale = JSON.stringify(keys);
    const where = "key IN (SELECT value FROM json_each(?)) AND used_at < ?";
    const before = this.#now() - touchAfterMs;
    if (this.#db.get(`SELECT 1 FROM build_cache WHERE ${where}`, stale, before) === undefined) return;
    this.#db.unflushed(() =>
      this.#db.run(`UPDATE build_cache SET used_at = ? WHERE ${where}`, this.#now(), stale, before),
    );
  }

  delete(key: Digest): void {
    this.#db.run("DELETE FROM build_cache WHERE key = ?", key);
  }

  /** Every snapshot a record names. */
  snapshots(): string[] {
    const sql = "SELECT DISTINCT snapshot FROM build_cache";
    return this.#db.all<{ snapshot: string }>(sql).map((row) => row.snapshot);
  }

  /** Why the result of a step is gone: `collected 3 days ago to stay under 20 GB`; undefined when it was not collected. */
  collected(key: Digest): string | undefined {
    const sql = "SELECT at, reason FROM build_collected WHERE key = ?";
    const row = this.#db.get<{ at: number; reason: string }>(sql, key);
    if (row === undefined) return undefined;
    const past = humanDuration(this.#now() - row.at);
    return `collected ${past.charAt(0).toLowerCase()}${past.slice(1)} ago ${row.reason}`;
  }

  /**
   * Drops records, those longest unused first, and manifests nobody names: all that `isOld` is true of, and then as many
   * as leave `keepBytes` or less on disk. Returns the snapshots they named; they are the collector's now.
   */
  prune(limits: CacheLimits): string[] {
    const { keepBytes, isOld, isPinned, isChosen, reason } = limits;
    return this.#db.transaction(() => {
      const results = this.#results().filter(({ snapshot }) => isPinned?.(snapshot) !== true);
      let total = sumOf(results);
      const dropped: string[] = [];
      for (const { snapshot, keys, bytes, usedAt } of results) {
        const isOver = keepBytes === undefined || total > keepBytes;
        if (!isOver || !isOld(usedAt) || isChosen?.(snapshot) === false) continue;
        for (const key of keys) this.#drop(key, reason);
        total -= bytes;
        dropped.push(snapshot);
      }
      this.#dropUnnamed();
      return dropped;
    });
  }

  /** What the results that `isPinned` is false of take on disk, bytes, as far as they were measured. */
  size(isPinned: (snapshot: string) => boolean): number {
    return sumOf(this.#results().filter(({ snapshot }) => !isPinned(snapshot)));
  }

  #results(): CachedResult[] {
    const parents = this.#db.all<{ id: number; parent: number | null }>("SELECT id, parent FROM snapshots");
    return pruneOrder(
      this.#db.all<CachedStep>(sizedRecords),
      new Map(parents.map((row) => [row.id, row.parent])),
    );
  }

  #drop(key: string, reason: string): void {
    this.#db.run("DELETE FROM build_cache WHERE key = ?", key);
    this.#db.run(
      "INSERT OR REPLACE INTO build_collected (key, at, reason) VALUES (?, ?, ?)",
      key,
      this.#now(),
      reason,
    );
  }

  #dropUnnamed(): void {
    const named = ["build_cache", "build_seen"].map(
      (table) => `SELECT manifest FROM ${table} WHERE manifest IS NOT NULL`,
    );
    this.#db.run(`DELETE FROM build_manifests WHERE digest NOT IN (${named.join(" UNION ")})`);
    this.#db.run("DELETE FROM copied_layers WHERE snapshot NOT IN (SELECT key FROM snapshots)");
    this.#db.run("DELETE FROM snapshot_layers WHERE snapshot NOT IN (SELECT key FROM snapshots)");
    const kept = "SELECT key FROM build_collected ORDER BY at DESC LIMIT ?";
    this.#db.run(`DELETE FROM build_collected WHERE key NOT IN (${kept})`, maxCollected);
  }
}

/** What may go, and why. */
export interface CacheLimits {
  /** Asked with the time of last use, of the result or of what stands on it, ms since the epoch. */
  readonly isOld: (usedAt: number) => boolean;
  /** bytes; undefined: nothing need stay */
  readonly keepBytes?: number | undefined;
  /** Results that stay: others need their snapshots, so that dropping them frees nothing. They do not count either. */
  readonly isPinned?: (snapshot: string) => boolean;
  /** Results that may go; the others stay and count. Undefined: all may. */
  readonly isChosen?: (snapshot: string) => boolean;
  /** `to stay under 20 GB` */
  readonly reason: string;
}

const sizedRecords = `SELECT build_cache.key AS key, snapshot, snapshots.id AS id, coalesce(bytes, 0) AS bytes,
   used_at AS usedAt FROM build_cache LEFT JOIN snapshots ON snapshots.key = snapshot ORDER BY build_cache.key`;

/** So many steps are remembered as collected. */
const maxCollected = 10_000;

function sumOf(results: readonly CachedResult[]): number {
  return results.reduce((sum, { bytes }) => sum + bytes, 0);
}

function toRecord(row: Row): CacheRecord {
  return {
    key: row.key as Digest,
    parts: JSON.parse(row.inputs) as KeyPart[],
    ...(row.manifest !== null && { manifest: row.manifest }),
    step: row.step,
    place: row.place,
    snapshot: row.snapshot,
    resultKey: (row.result_key ?? row.key) as Digest,
    durationMs: row.duration_ms,
    createdAt: row.created_at,
  };
}
