import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { goMatch, hasMeta } from "./go-match.ts";

interface Table {
  var: string;
  rows: { pattern: string; s: string; match: boolean; err: unknown }[];
}

test("goMatch() answers Go's own table", () => {
  const url = new URL("../../test/data/go-path/tables.json", import.meta.url);
  const files = Object.values(JSON.parse(readFileSync(url, "utf8")) as Record<string, Table[]>);
  const rows = files.flat().find((table) => table.var === "matchTests")?.rows ?? [];
  expect(rows.length).toBe(56);
  for (const { pattern, s, match, err } of rows) {
    const title = `${pattern} ${s}`;
    if (err === null) expect(goMatch(pattern, s), title).toBe(match);
    else expect(() => goMatch(pattern, s), title).toThrow("syntax error in pattern");
  }
});

test("goMatch() stays fast on a pattern made to backtrack", () => {
  const started = performance.now();
  expect(goMatch("*a".repeat(50) + "b", "a".repeat(5000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});

test("hasMeta() knows the characters that mean something", () => {
  expect(["a.b", "a*", "a?", "[a", "a\\"].map(hasMeta)).toEqual([false, true, true, true, true]);
});
