import type { Problem } from "../../../image/check/problem.ts";
import type { Sqlite } from "../../../platform/sqlite.ts";

/** The database as SQLite sees it: its pages, and records that name others. */
export function* checkDatabase(db: Sqlite): Generator<Problem> {
  for (const { integrity_check: said } of db.all<{ integrity_check: string }>("PRAGMA integrity_check(10)")) {
    if (said !== "ok")
      yield { kind: "database", what: `Database: ${said}`, advice: "restore it from a copy" };
  }
  const broken = db.all<{ table: string; parent: string }>("PRAGMA foreign_key_check");
  for (const { table, parent } of broken) {
    yield {
      kind: "database",
      what: `Database: a record of "${table}" names one of "${parent}" that is not there`,
    };
  }
}
