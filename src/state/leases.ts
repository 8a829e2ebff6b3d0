import type { Sqlite } from "../platform/sqlite.ts";

/** What a lease can hold: the collector leaves it alone. */
export type Resource = `blob/${string}` | `snapshot/${string}` | `ingest/${string}`;

/** Holds resources for one piece of work in flight. Dispose lets go of all of them (idempotent). */
export interface Lease extends Disposable {
  readonly id: string;
  add(resource: Resource): void;
}

/** Leases live in the database, but belong to one run of the engine: none survives a start. */
export class Leases {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  create(purpose: string): Lease {
    const id = `${purpose}-${crypto.randomUUID()}`;
    return {
      id,
      add: (resource) => {
        const sql = "INSERT OR IGNORE INTO leases (lease, resource, created_at) VALUES (?, ?, ?)";
        this.#db.run(sql, id, resource, Date.now());
      },
      [Symbol.dispose]: () => void this.#db.run("DELETE FROM leases WHERE lease = ?", id),
    };
  }

  isHeld(resource: Resource): boolean {
    return this.#db.get("SELECT 1 FROM leases WHERE resource = ? LIMIT 1", resource) !== undefined;
  }

  /** What is held of one kind, without its prefix. */
  held(kind: "blob" | "snapshot" | "ingest"): string[] {
    const sql = "SELECT DISTINCT resource FROM leases WHERE substr(resource, 1, ?) = ?";
    const rows = this.#db.all<{ resource: string }>(sql, kind.length + 1, `${kind}/`);
    return rows.map(({ resource }) => resource.slice(kind.length + 1));
  }

  /** At start: whatever an earlier run held is no longer in flight. */
  clear(): void {
    this.#db.run("DELETE FROM leases");
  }
}
