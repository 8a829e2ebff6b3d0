import { SlipwayError } from "../errors.ts";
import { openSqlite, type Sqlite } from "../platform/sqlite.ts";
import { Collection } from "./collection.ts";
import { DiskReserve } from "./disk-reserve.ts";
import { migrations } from "./schema.ts";

/** The engine's database: `<root>/state.db`. One process at a time; the engine's lock on the root sees to that. */
export class State implements Disposable {
  readonly db: Sqlite;
  #reserve: DiskReserve | undefined;

  private constructor(db: Sqlite, reserve: DiskReserve | undefined) {
    this.db = db;
    this.#reserve = reserve;
  }

  /**
   * Opens the database at `path` (or `":memory:"`) and brings its schema up to date. Throws `data_loss` when a newer
   * program wrote it.
   */
  static open(path: string): State {
    const reserve = path === ":memory:" ? undefined : new DiskReserve(`${path}-reserve`);
    const db = openSqlite(path, { onFull: () => reserve?.release() === true });
    migrate(db, path);
    reserve?.fill();
    return new State(db, reserve);
  }

  /** Keeps room for records on the disk again, where it was needed: call it when something was freed. Never throws. */
  reserveSpace(): void {
    try {
      this.#reserve?.fill();
    } catch {
      // The next call, and the next start, try again.
    }
  }

  /** JSON documents of one kind, by id. */
  collection<T extends object>(kind: string): Collection<T> {
    return new Collection<T>(this.db, kind);
  }

  [Symbol.dispose](): void {
    this.#reserve = undefined;
    this.db[Symbol.dispose]();
  }
}

function migrate(db: Sqlite, path: string): void {
  const applied = db.get<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
  if (applied > migrations.length) {
    throw new SlipwayError("data_loss", `Database "${path}" was written by a newer version of slipway`);
  }
  for (let next = applied; next < migrations.length; next += 1) {
    db.transaction(() => {
      db.exec(migrations[next] ?? "");
      db.exec(`PRAGMA user_version = ${next + 1}`);
    });
  }
}
