import { expect, test } from "bun:test";
import { Leases } from "./leases.ts";
import { State } from "./state.ts";

test("Lease holds its resources until it is disposed, apart from other leases", () => {
  using state = State.open(":memory:");
  const leases = new Leases(state.db);
  const pull = leases.create("pull");
  const other = leases.create("pull");
  expect(pull.id).not.toBe(other.id);
  pull.add("blob/a");
  pull.add("blob/a");
  other.add("blob/a");
  other.add("snapshot/b");
  expect(leases.isHeld("blob/a")).toBe(true);
  expect(leases.isHeld("blob/b")).toBe(false);
  expect(leases.held("blob")).toEqual(["a"]);
  expect(leases.held("snapshot")).toEqual(["b"]);
  pull[Symbol.dispose]();
  pull[Symbol.dispose]();
  expect(leases.isHeld("blob/a")).toBe(true);
  other[Symbol.dispose]();
  expect(leases.isHeld("blob/a")).toBe(false);
});

test("Leases.clear() forgets what an earlier run held", () => {
  using state = State.open(":memory:");
  const leases = new Leases(state.db);
  leases.create("pull").add("ingest/x");
  leases.clear();
  expect(leases.isHeld("ingest/x")).toBe(false);
});

test("Leases over one database see each other's, over another none", () => {
  using state = State.open(":memory:");
  using other = State.open(":memory:");
  new Leases(state.db).create("pull").add("blob/a");
  expect(new Leases(state.db).isHeld("blob/a")).toBe(true);
  expect(new Leases(other.db).isHeld("blob/a")).toBe(false);
});
