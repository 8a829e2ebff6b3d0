import type { Sqlite } from "../platform/sqlite.ts";

/** What a lease can hold: the collector leaves it alone. */
export type Resource = `blob/${string}` | `snapshot/${string}` | `ingest/${string}`;

/** Holds resources for one piece of work in flight. Dispose lets go of all of them (idempotent). */
export interface Lease extends Disposable {
  readonly id: string;
  add(resource: Resource): void;
}

const schema = `
  CREATE TEMP TABLE IF NOT EXISTS leases (
    lease TEXT NOT NULL,           -- one piece of work in flight
    resource TEXT NOT NULL,        -- 'blob/<digest>', 'snapshot/<key>', 'ingest/<ref>'
    PRIMARY KEY (lease, resource)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS temp.leases_by_resource ON leases (resource);`;

/**
 * Leases belong to one run of the engine and none survives a start, so they are kept in the database's memory: taking
 * one costs no flush. All objects over one open database see the same leases.
 */
export class Leases {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
    db.exec("PRAGMA temp_store = MEMORY");
    db.exec(schema);
  }

  create(purpose: string): Lease {
    const id = `${purpose}-${crypto.randomUUID()}`;
    return {
      id,
      add: (resource) => {
        this.#db.run("INSERT OR IGNORE INTO temp.leases (lease, resource) VALUES (?, ?)", id, resource);
      },
      [Symbol.dispose]: () => void this.#db.run("DELETE FROM temp.leases WHERE lease = ?", id),
    };
  }

  isHeld(resource: Resource): boolean {
    return this.#db.get("SELECT 1 FROM temp.leases WHERE resource = ? LIMIT 1", resource) !== undefined;
  }

  /** What is held of one kind, without its prefix. */
  held(kind: "blob" | "snapshot" | "ingest"): string[] {
    const sql = "SELECT DISTINCT resource FROM temp.leases WHERE substr(resource, 1, ?) = ?";
    const rows = this.#db.all<{ resource: string }>(sql, kind.length + 1, `${kind}/`);
    return rows.map(({ resource }) => resource.slice(kind.length + 1));
  }

  /** Lets go of everything, for a start within the same process. */
  clear(): void {
    this.#db.run("DELETE FROM temp.leases");
  }
}
