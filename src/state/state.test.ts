import { expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../errors.ts";
import { migrations } from "./schema.ts";
import { State } from "./state.ts";

function tempFile(): { path: string } & Disposable {
  const directory = mkdtempSync(join(tmpdir(), "slipway-state-"));
  const end = (): void => rmSync(directory, { recursive: true });
  return { path: join(directory, "state.db"), [Symbol.dispose]: end };
}

test("State.open() migrates once and finds its records again", () => {
  using t = tempFile();
  {
    using state = State.open(t.path);
    state.collection<{ name: string }>("container").put("1", { name: "web" });
  }
  using state = State.open(t.path);
  expect(state.collection("container").get("1")).toEqual({ name: "web" });
  expect(state.db.get("PRAGMA user_version")).toEqual({ user_version: migrations.length });
});

test("State.open() keeps the database from other users, also one that was open to them", () => {
  using t = tempFile();
  const modes = () =>
    ["", "-wal", "-shm"].map((end) => (statSync(`${t.path}${end}`).mode & 0o777).toString(8));
  {
    using _state = State.open(t.path);
    expect(modes()).toEqual(["600", "600", "600"]);
  }
  chmodSync(t.path, 0o644);
  using _state = State.open(t.path);
  expect(modes()).toEqual(["600", "600", "600"]);
});

test("State.open() names a database that is damaged", () => {
  using t = tempFile();
  writeFileSync(t.path, "no database at all".repeat(100));
  expect(() => State.open(t.path)).toThrow(`The database "${t.path}" is damaged: file is not a database`);
});

test("State.open() refuses the database of a newer program and leaves it as it is", () => {
  using t = tempFile();
  {
    using state = State.open(t.path);
    state.db.exec("PRAGMA user_version = 999");
  }
  let code = "no error";
  try {
    State.open(t.path);
  } catch (error) {
    code = errorCode(error);
  }
  expect(code).toBe("data_loss");
});

test("State's database is durable: WAL, synchronous FULL, foreign keys", () => {
  using t = tempFile();
  using state = State.open(t.path);
  expect(state.db.get("PRAGMA journal_mode")).toEqual({ journal_mode: "wal" });
  expect(state.db.get("PRAGMA synchronous")).toEqual({ synchronous: 2 });
  expect(state.db.get("PRAGMA foreign_keys")).toEqual({ foreign_keys: 1 });
});

test("Sqlite.transaction() rolls back when its work throws", () => {
  using state = State.open(":memory:");
  const documents = state.collection<{ n: number }>("x");
  const work = (): void =>
    state.db.transaction(() => {
      documents.put("a", { n: 1 });
      throw new Error("no");
    });
  expect(work).toThrow("no");
  expect(documents.get("a")).toBeUndefined();
});

test("Collection keeps kinds apart, replaces, lists by id, deletes", () => {
  using state = State.open(":memory:");
  const cats = state.collection<{ n: number }>("cat");
  const dogs = state.collection<{ n: number }>("dog");
  cats.put("b", { n: 1 });
  cats.put("a", { n: 2 });
  dogs.put("a", { n: 3 });
  cats.put("b", { n: 4 });
  expect(cats.list()).toEqual([{ n: 2 }, { n: 4 }]);
  expect(dogs.get("a")).toEqual({ n: 3 });
  expect(cats.delete("b")).toBe(true);
  expect(cats.delete("b")).toBe(false);
  expect(dogs.list()).toHaveLength(1);
});
