import type { Sqlite } from "../platform/sqlite.ts";

const putSql =
  "INSERT INTO records (kind, id, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body";
const deleteSql = "DELETE FROM records WHERE kind = ? AND id = ?";

/** JSON documents of one kind, by id. Every write is durable when the call returns, but for the lazy ones. */
export class Collection<T extends object> {
  readonly #db: Sqlite;
  readonly #kind: string;

  constructor(db: Sqlite, kind: string) {
    this.#db = db;
    this.#kind = kind;
  }

  get(id: string): T | undefined {
    const sql = "SELECT body FROM records WHERE kind = ? AND id = ?";
    const row = this.#db.get<{ body: string }>(sql, this.#kind, id);
    return row === undefined ? undefined : (JSON.parse(row.body) as T);
  }

  put(id: string, document: T): void {
    this.#db.run(putSql, this.#kind, id, JSON.stringify(document));
  }

  /** As {@link put}, but a power cut (never the end of the process) may undo it, until the next durable write. */
  putLazily(id: string, document: T): void {
    this.#db.unflushed(() => this.#db.run(putSql, this.#kind, id, JSON.stringify(document)));
  }

  /** True when there was one. */
  delete(id: string): boolean {
    return this.#db.run(deleteSql, this.#kind, id).changes > 0;
  }

  /** As {@link delete}, but a power cut may bring the document back, until the next durable write. */
  deleteLazily(id: string): void {
    this.#db.unflushed(() => this.#db.run(deleteSql, this.#kind, id));
  }

  list(): T[] {
    const rows = this.#db.all<{ body: string }>(
      "SELECT body FROM records WHERE kind = ? ORDER BY id",
      this.#kind,
    );
    return rows.map((row) => JSON.parse(row.body) as T);
  }
}
