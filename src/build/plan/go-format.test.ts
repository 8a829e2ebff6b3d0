import { expect, test } from "bun:test";
import { goList, goQuoteList } from "./go-format.ts";

test("goQuoteList() and goList() print as Go", () => {
  expect(goQuoteList(["a", "b c"])).toBe('["a" "b c"]');
  expect(goList(["a", "b c"])).toBe("[a b c]");
});
