import { expect, test } from "bun:test";
import { goDuration, goQuote, goQuoteList } from "./go-format.ts";

test("goQuote() escapes as Go's %q", () => {
  expect(goQuote('a"b\\c\n\t\x01\u00a0é')).toBe('"a\\"b\\\\c\\n\\t\\x01\\u00a0é"');
  expect(goQuoteList(["a", "b c"])).toBe('["a" "b c"]');
});

test("goDuration() prints as Go", () => {
  const durations = [0, 1, 1500, 300e6, 1e9, 1.5e9, 90e9, 3600e9, 5430.5e9];
  expect(durations.map(goDuration)).toEqual([
    "0s",
    "1ns",
    "1.5µs",
    "300ms",
    "1s",
    "1.5s",
    "1m30s",
    "1h0m0s",
    "1h30m30.5s",
  ]);
});
