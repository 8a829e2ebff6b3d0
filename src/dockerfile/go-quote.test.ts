import { expect, test } from "bun:test";
import { goQuote } from "./go-quote.ts";

test("goQuote() escapes as Go's %q", () => {
  expect(goQuote('a"b\\c\n\t\x01\u00a0é')).toBe('"a\\"b\\\\c\\n\\t\\x01\\u00a0é"');
});
