import { expect, test } from "bun:test";
import { Query } from "./query.ts";

const query = (text: string) => new Query(new URLSearchParams(text));

test("Query.flag() reads booleans as Docker does", () => {
  for (const off of ["", "0", "no", "FALSE", "none", " "]) expect(query(`a=${off}`).flag("a")).toBe(false);
  for (const on of ["1", "true", "yes", "x"]) expect(query(`a=${on}`).flag("a")).toBe(true);
  expect(query("").flag("a")).toBe(false);
  expect(query("").flag("a", true)).toBe(true);
});

test("Query.integer() refuses what is no whole number", () => {
  expect(query("t=-1").integer("t")).toBe(-1);
  expect(query("t=").integer("t")).toBeUndefined();
  for (const bad of ["1.5", "x", "1e3", "99999999999999999999"])
    expect(() => query(`t=${bad}`).integer("t")).toThrow("t");
});

test("Query.time() reads seconds with decimals and RFC 3339", () => {
  expect(query("s=1704067200.500000000").time("s")?.toISOString()).toBe("2024-01-01T00:00:00.500Z");
  expect(query("s=2024-01-01T00:00:00Z").time("s")?.getTime()).toBe(1704067200000);
  expect(query("s=0").time("s")?.getTime()).toBe(0);
  expect(query("s=").time("s")).toBeUndefined();
  expect(() => query("s=soon").time("s")).toThrow("not a time");
});

test("Query.filters() reads the list form and the map form", () => {
  const filters = (value: unknown) => query(`filters=${encodeURIComponent(JSON.stringify(value))}`).filters();
  expect(filters({ label: ["a=b", "c"] })).toEqual({ label: ["a=b", "c"] });
  expect(filters({ label: { "a=b": true, c: true, d: false } })).toEqual({ label: ["a=b", "c"] });
  expect(query("filters=").filters()).toEqual({});
  for (const bad of [["x"], { label: "x" }, { label: [1] }, 3])
    expect(() => filters(bad)).toThrow("invalid filter");
  expect(() => query("filters={").filters()).toThrow("not JSON");
});
