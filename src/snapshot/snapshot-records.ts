import { SlipwayError } from "../errors.ts";
import type { Sqlite } from "../platform/sqlite.ts";
import type { SnapshotInfo, SnapshotKind, Usage } from "./snapshotter.ts";

/** A snapshot as the database has it. `id` names its directory and is never given out again. */
export interface SnapshotRecord {
  readonly id: number;
  readonly key: string;
  readonly kind: SnapshotKind;
  readonly parent: number | null;
  readonly parentKey: string | null;
  /** 1: its files and its parent's are one layer */
  readonly continuesParent: 0 | 1;
  readonly createdAt: number;
  readonly bytes: number | null;
  readonly contentBytes: number | null;
  readonly inodes: number | null;
  /** the boot in which it was committed, until its files were flushed */
  readonly unflushed: string | null;
}

const columns = `s.id, s.key, s.kind, s.parent, p.key AS parentKey, s.continues AS continuesParent, s.created_at AS createdAt, s.bytes,
  s.content_bytes AS contentBytes, s.inodes, s.unflushed
  FROM snapshots s LEFT JOIN snapshots p ON p.id = s.parent`;

/**
 * The `snapshots` table. Every method is one transaction. None is flushed by itself: what a power cut undoes is what
 * the next open sets right, and every record that names a snapshot is a later write, which seals these.
 */
export class SnapshotRecords {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  find(key: string): SnapshotRecord | undefined {
    return this.#db.get<SnapshotRecord>(`SELECT ${columns} WHERE s.key = ?`, key);
  }

  byId(id: number): SnapshotRecord | undefined {
    return this.#db.get<SnapshotRecord>(`SELECT ${columns} WHERE s.id = ?`, id);
  }

  /** Throws `not_found`. */
  get(key: string): SnapshotRecord {
    const record = this.find(key);
    if (record === undefined) throw new SlipwayError("not_found", `Snapshot "${key}" not found`);
    return record;
  }

  /** Throws `not_found`, and `invalid_argument` when it is no parent for others. */
  getCommitted(key: string): SnapshotRecord {
    const record = this.get(key);
    if (record.kind === "committed") return record;
    throw new SlipwayError("invalid_argument", `Snapshot "${key}" is not committed`);
  }

  list(): SnapshotRecord[] {
    return this.#db.all<SnapshotRecord>(`SELECT ${columns} ORDER BY s.id`);
  }

  /** The record and its parents, top first. */
  chain(record: SnapshotRecord): number[] {
    const sql = `WITH RECURSIVE chain (id, parent, depth) AS (
        SELECT id, parent, 0 FROM snapshots WHERE id = ?
        UNION ALL SELECT s.id, s.parent, depth + 1 FROM snapshots s JOIN chain c ON s.id = c.parent
      ) SELECT id FROM chain ORDER BY depth`;
    return this.#db.all<{ id: number }>(sql, record.id).map(({ id }) => id);
  }

  /** The records whose directories make up the layer that `record` adds, top first. */
  layer(record: SnapshotRecord): SnapshotRecord[] {
    const found = [record];
    for (let at = record; at.continuesParent === 1 && at.parent !== null;) {
      const parent = this.byId(at.parent);
      if (parent === undefined) break;
      found.push(parent);
      at = parent;
    }
    return found;
  }

  /** The record holds its whole layer alone from now on, on what that stood on. */
  setWhole(record: SnapshotRecord): void {
    const parent = this.layer(record).at(-1)?.parent ?? null;
    const sql =
      "UPDATE snapshots SET parent = ?, continues = 0, bytes = NULL, content_bytes = NULL WHERE id = ?";
    this.#db.unflushed(() => this.#db.run(sql, parent, record.id));
  }

  /** The highest id that was ever given to a record; 0 for none. */
  lastId(): number {
    const sql = "SELECT seq FROM sqlite_sequence WHERE name = 'snapshots'";
    return this.#db.get<{ seq: number }>(sql)?.seq ?? 0;
  }

  /** Writes the record of the directory `id`. Throws `conflict` when the key exists, `not_found` without the parent. */
  add(id: number, key: string, kind: SnapshotKind, parent: string | undefined, createdAt: number): void {
    this.#db.unflushed(() => {
      if (this.find(key) !== undefined) throw exists(key);
      const parentId = parent === undefined ? null : this.getCommitted(parent).id;
      const sql = "INSERT INTO snapshots (id, key, kind, parent, created_at) VALUES (?, ?, ?, ?, ?)";
      this.#db.run(sql, id, key, kind, parentId, createdAt);
    });
  }

  /** Active `key` becomes committed `name`, on top of `parent` when one is named. Throws as the contract says. */
  commit(
    name: string,
    key: string,
    options: { readonly parent?: string; readonly continuesParent?: boolean },
    boot: string,
  ): void {
    const { parent, continuesParent = false } = options;
    this.#db.unflushed(() => {
      const record = this.get(key);
      if (record.kind !== "active")
        throw new SlipwayError("invalid_argument", `Snapshot "${key}" is not active`);
      if (this.find(name) !== undefined) throw exists(name);
      const parentId = parent === undefined ? record.parent : this.getCommitted(parent).id;
      const set = "key = ?, kind = 'committed', parent = ?, continues = ?, unflushed = ?";
      const sql = `UPDATE snapshots SET ${set} WHERE id = ?`;
      this.#db.run(sql, name, parentId, continuesParent ? 1 : 0, boot, record.id);
    });
  }

  /** The snapshots whose files may still be in memory alone. */
  unflushed(): number[] {
    const sql = "SELECT id FROM snapshots WHERE unflushed IS NOT NULL";
    return this.#db.all<{ id: number }>(sql).map(({ id }) => id);
  }

  setUnflushed(id: number, boot: string): void {
    this.#db.unflushed(() => this.#db.run("UPDATE snapshots SET unflushed = ? WHERE id = ?", boot, id));
  }

  setFlushed(ids: readonly number[]): void {
    this.#db.unflushed(() => {
      for (const id of ids) this.#db.run("UPDATE snapshots SET unflushed = NULL WHERE id = ?", id);
    });
  }

  setUsage(id: number, usage: Usage): void {
    const sql = "UPDATE snapshots SET bytes = ?, content_bytes = ?, inodes = ? WHERE id = ?";
    this.#db.unflushed(() => this.#db.run(sql, usage.bytes, usage.contentBytes, usage.inodes, id));
  }

  /**
   * Drops records whose files are lost, and what was told of their names: layers and build cache. Children come before
   * their parents. One that an active snapshot stands on stays, under a name that is no longer anybody's.
   */
  forget(records: readonly SnapshotRecord[]): void {
    this.#db.unflushed(() => {
      for (const { id, key } of records) {
        const child = this.#db.get("SELECT 1 FROM snapshots WHERE parent = ? LIMIT 1", id);
        if (child === undefined) this.#db.run("DELETE FROM snapshots WHERE id = ?", id);
        else this.#db.run("UPDATE snapshots SET key = ? WHERE id = ?", `lost-${id}`, id);
        this.#db.run("DELETE FROM layers WHERE snapshot = ?", key);
        this.#db.run("DELETE FROM build_cache WHERE snapshot = ?", key);
        this.#db.run("DELETE FROM snapshot_layers WHERE snapshot = ?", key);
      }
    });
  }

  /** Throws `not_found`, and `conflict` while another snapshot stands on it. */
  remove(key: string): SnapshotRecord {
    return this.#db.unflushed(() => {
      const record = this.get(key);
      const child = this.#db.get<{ key: string }>(
        "SELECT key FROM snapshots WHERE parent = ? LIMIT 1",
        record.id,
      );
      if (child !== undefined) {
        throw new SlipwayError("conflict", `Cannot remove snapshot "${key}": "${child.key}" stands on it`);
      }
      this.#db.run("DELETE FROM snapshots WHERE id = ?", record.id);
      return record;
    });
  }
}

/** What the contract shows of a record. */
export function snapshotInfo(record: SnapshotRecord): SnapshotInfo {
  return {
    key: record.key,
    kind: record.kind,
    createdAt: new Date(record.createdAt),
    ...(record.parentKey !== null && { parent: record.parentKey }),
    ...(record.continuesParent === 1 && { continuesParent: true }),
  };
}

function exists(key: string): SlipwayError {
  return new SlipwayError("conflict", `Snapshot "${key}" already exists`);
}
