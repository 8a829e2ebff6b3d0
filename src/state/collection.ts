import type { Sqlite } from "../platform/sqlite.ts";

/** JSON documents of one kind, by id. Every write is durable when the call returns. */
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
    const sql =
      "INSERT INTO records (kind, id, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body";
    this.#db.run(sql, this.#kind, id, JSON.stringify(document));
  }

  /** True when there was one. */
  delete(id: string): boolean {
    return this.#db.run("DELETE FROM records WHERE kind = ? AND id = ?", this.#kind, id).changes > 0;
  }

  list(): T[] {
    const rows = this.#db.all<{ body: string }>(
      "SELECT body FROM records WHERE kind = ? ORDER BY id",
      this.#kind,
    );
    return rows.map((row) => JSON.parse(row.body) as T);
  }
}
