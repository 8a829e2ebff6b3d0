import { expect, test } from "bun:test";
import { parseVersion, programVersion } from "./program-version.ts";

test.each([
  ["crun version 1.8.1\ncommit: f8a096be\nspec: 1.0.0\n", { version: "1.8.1", commit: "f8a096be" }],
  ["runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1\n", { version: "1.1.5+ds1", commit: "1.1.5+ds1-1" }],
  ["conmon version 2.1.6\ncommit: unknown\n", { version: "2.1.6", commit: "" }],
  ["something else", { version: "", commit: "" }],
])("parseVersion() %#", (text, found) => {
  expect(parseVersion(text)).toEqual(found);
});

test("programVersion() of a program that is not there is empty", async () => {
  expect(await programVersion("/not/there")).toEqual({ version: "", commit: "" });
});
