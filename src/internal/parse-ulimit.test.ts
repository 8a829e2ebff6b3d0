import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parseUlimit } from "./parse-ulimit.ts";

interface GoUlimit {
  Name: string;
  Soft: number;
  Hard: number;
}

const url = new URL("../../test/data/go-units/go_units.json", import.meta.url);
const tables = Object.values(
  JSON.parse(readFileSync(url, "utf8")) as Record<string, { func: string; rows: unknown[] }[]>,
).flat();

function rows<T>(func: string): T[] {
  return tables.filter((table) => table.func === func).flatMap((table) => table.rows as T[]);
}

test("parseUlimit() answers upstream's table", () => {
  for (const { in: text, expected } of rows<{ in: string; expected: GoUlimit }>("TestParseUlimitUnlimited"))
    expect(parseUlimit(text)).toEqual({ name: expected.Name, soft: expected.Soft, hard: expected.Hard });
});

test("parseUlimit() knows upstream's names", () => {
  for (const { ulimit } of rows<{ ulimit: GoUlimit }>("TestGetRlimit"))
    if (ulimit.Name !== "" && ulimit.Name !== "bogus") expect(parseUlimit(`${ulimit.Name}=1`).soft).toBe(1);
});

test("parseUlimit() refuses what is none", () => {
  for (const text of [
    "nofile",
    "bogus=1",
    "nofile=a",
    "nofile=1:2:3",
    "nofile=2:1",
    "nofile=-1:5",
    "nofile=-2",
    "=",
  ])
    expect(() => parseUlimit(text), text).toThrow(/ulimit|limit value/);
  expect(parseUlimit("nofile=512:1024")).toEqual({ name: "nofile", soft: 512, hard: 1024 });
});
