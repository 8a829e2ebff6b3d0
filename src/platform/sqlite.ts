/** SQLite. On Node, `node:sqlite` (22.5 and later) or `better-sqlite3` stands in for `bun:sqlite`. */
import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import { Database } from "bun:sqlite";
import { SlipwayError } from "../errors.ts";

export type SqlValue = string | number | bigint | null | Uint8Array;
export type SqlRow = Record<string, SqlValue>;

/** A database of one process. Statements are prepared once per text and kept. All calls are synchronous. */
export interface Sqlite extends Disposable {
  run(sql: string, ...values: SqlValue[]): { changes: number };
  get<T = SqlRow>(sql: string, ...values: SqlValue[]): T | undefined;
  all<T = SqlRow>(sql: string, ...values: SqlValue[]): T[];
  /** Runs `work` in one immediate transaction: commits when it returns, rolls back when it throws. */
  transaction<T>(work: () => T): T;
  /**
   * As {@link transaction}, but a power cut may undo it until the next `transaction` or `run` returns, which makes
   * both durable. For what a start can set right, and for what a later write seals.
   */
  unflushed<T>(work: () => T): T;
  exec(sql: string): void;
}

/**
 * Opens (and makes) the database at `path`, or `":memory:"`, in WAL mode with full durability. `onFull`: makes room on a
 * full disk and says whether it did; the call that failed is then made once more. Without room calls throw
 * `resource_exhausted`.
 */
export function openSqlite(path: string, { onFull = () => false }: { onFull?: () => boolean } = {}): Sqlite {
  if (path !== ":memory:") keepPrivate(path);
  const db = naming(path, () => openDatabase(path));
  let depth = 0;
  /** A failed write may have undone its transaction: only a whole one is tried again. */
  const guarded = <T>(work: () => T): T => {
    const attempt = (): T => {
      depth += 1;
      try {
        return work();
      } finally {
        depth -= 1;
      }
    };
    return naming(path, () => {
      try {
        return attempt();
      } catch (error) {
        if (depth > 0 || !isFull(error)) throw error;
        if (!onFull()) throw noSpace(error);
        return attempt();
      }
    });
  };
  return {
    run: (sql, ...values) => guarded(() => ({ changes: db.query(sql).run(...values).changes })),
    get: <T>(sql: string, ...values: SqlValue[]) =>
      naming(path, () => (db.query(sql).get(...values) ?? undefined) as T | undefined),
    all: <T>(sql: string, ...values: SqlValue[]) => naming(path, () => db.query(sql).all(...values) as T[]),
    transaction: (work) => guarded(() => db.transaction(work).immediate()),
    unflushed: (work) => {
      db.run("PRAGMA synchronous = NORMAL");
      try {
        return guarded(() => db.transaction(work).immediate());
      } finally {
        db.run("PRAGMA synchronous = FULL");
      }
    },
    exec: (sql) => naming(path, () => void db.run(sql)),
    [Symbol.dispose]: () => db.close(),
  };
}

function openDatabase(path: string): Database {
  const db = new Database(path, { create: true, strict: true });
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA synchronous = FULL");
  db.run("PRAGMA foreign_keys = ON");
  db.run("PRAGMA busy_timeout = 5000");
  return db;
}

/** Does `work`; that the file is damaged is told with its name, as `data_loss`. */
function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!/^SQLITE_(?:CORRUPT|NOTADB)/.test(code ?? "")) throw error;
    const what = `The database "${path}" is damaged: ${message}; put back a copy of it`;
    throw new SlipwayError("data_loss", what, { cause: error });
  }
}

/** Makes the file readable for its owner alone, and what SQLite has made beside it: SQLite takes on the file's mode. */
function keepPrivate(path: string): void {
  closeSync(openSync(path, "a", 0o600));
  for (const name of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(name)) chmodSync(name, 0o600);
}

function isFull(error: unknown): boolean {
  return error instanceof Error && (error as { code?: string }).code === "SQLITE_FULL";
}

function noSpace(cause: unknown): SlipwayError {
  return new SlipwayError("resource_exhausted", "Cannot write the database: no space left on device", {
    cause,
  });
}
