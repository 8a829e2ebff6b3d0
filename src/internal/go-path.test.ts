import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { cleanPath, parentPath } from "./go-path.ts";

const url = new URL("../../test/data/go-path/tables.json", import.meta.url);
const tables = Object.values(
  JSON.parse(readFileSync(url, "utf8")) as Record<
    string,
    { var: string; rows: { path: string; result: string }[] }[]
  >,
).flat();

function rows(variable: string): { path: string; result: string }[] {
  return tables.find((table) => table.var === variable)?.rows ?? [];
}

test("cleanPath() answers Go's table", () => {
  expect(rows("cleantests").length).toBe(36);
  for (const { path, result } of rows("cleantests")) expect(cleanPath(path), path).toBe(result);
});

test("parentPath() answers Go's table", () => {
  expect(rows("dirtests").length).toBe(13);
  for (const { path, result } of rows("dirtests")) expect(parentPath(path), path).toBe(result);
});
