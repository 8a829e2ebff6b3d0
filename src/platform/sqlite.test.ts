import { expect, test } from "bun:test";
import { errorCode } from "../errors.ts";
import { openSqlite } from "./sqlite.ts";

const big = "x".repeat(1 << 20);

/** A database that is full at once, and has room again when it is told to. */
function fullDatabase(hasRoom: boolean) {
  const asked: string[] = [];
  const db = openSqlite(":memory:", {
    onFull: () => {
      asked.push("room");
      if (hasRoom) db.exec("PRAGMA max_page_count = 100000");
      return hasRoom;
    },
  });
  db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT) STRICT");
  db.exec("PRAGMA max_page_count = 10");
  return { db, asked };
}

test("Sqlite asks for room when the disk is full, and makes the call once more", () => {
  const { db, asked } = fullDatabase(true);
  expect(db.run("INSERT INTO t (text) VALUES (?)", big).changes).toBe(1);
  expect(asked).toEqual(["room"]);
  expect(db.all("SELECT id FROM t")).toHaveLength(1);
});

test("Sqlite.transaction() that found the disk full is made again as a whole", () => {
  const { db, asked } = fullDatabase(true);
  const insert = (text: string) => db.run("INSERT INTO t (text) VALUES (?)", text);
  db.transaction(() => {
    insert("first");
    insert(big);
  });
  expect(db.all<{ length: number }>("SELECT length(text) AS length FROM t").map((row) => row.length)).toEqual(
    [5, big.length],
  );
  expect(asked).toEqual(["room"]);
});

test("Sqlite throws resource_exhausted when there is no room to be had, and undoes what it began", () => {
  const { db } = fullDatabase(false);
  let thrown: unknown;
  try {
    db.transaction(() => {
      db.run("INSERT INTO t (text) VALUES ('first')");
      db.run("INSERT INTO t (text) VALUES (?)", big);
    });
  } catch (error) {
    thrown = error;
  }
  expect(errorCode(thrown)).toBe("resource_exhausted");
  expect(String(thrown)).toContain("no space left on device");
  expect(db.all("SELECT id FROM t")).toEqual([]);
});
