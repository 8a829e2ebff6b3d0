import { expect, test } from "bun:test";
import { apiPathStat, goFileMode } from "./path-stat.ts";

test("goFileMode() has Go's bits for every type, and for setuid, setgid and sticky", () => {
  expect(goFileMode(0o100644)).toBe(0o644);
  expect(goFileMode(0o040755)).toBe(2147484141);
  expect(goFileMode(0o120777)).toBe(134218239);
  expect(goFileMode(0o104755)).toBe(2 ** 23 + 0o755);
  expect(goFileMode(0o041777)).toBe(2 ** 31 + 2 ** 20 + 0o777);
  expect(goFileMode(0o020666)).toBe(2 ** 26 + 2 ** 21 + 0o666);
  expect(goFileMode(0o060660)).toBe(2 ** 26 + 0o660);
  expect(goFileMode(0o010600)).toBe(2 ** 25 + 0o600);
  expect(goFileMode(0o142755)).toBe(2 ** 24 + 2 ** 22 + 0o755);
});

test("apiPathStat() writes times as Go does, down to the nanosecond", () => {
  const stat = { name: "f", path: "/f", size: 3, mode: 0o100600, linkTarget: "" };
  expect(apiPathStat({ ...stat, mtime: "1000000000000000000" }).mtime).toBe("2001-09-09T01:46:40Z");
  expect(apiPathStat({ ...stat, mtime: "1000000000120000000" }).mtime).toBe("2001-09-09T01:46:40.12Z");
  expect(apiPathStat({ ...stat, mtime: "-1" }).mtime).toBe("1969-12-31T23:59:59.999999999Z");
});
