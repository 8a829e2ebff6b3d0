import { expect, test } from "bun:test";
import { failureHint } from "./failure-hint.ts";

test("failureHint() helps where Docker's words are short", () => {
  const at = "Dockerfile:3: dockerfile parse error on line 3: unknown instruction:";
  expect(failureHint(`${at} apt-get`)).toContain("backslash");
  expect(failureHint(`${at} FORM (did you mean FROM?)`)).toBeUndefined();
  expect(failureHint("x: dockerfile parse error on line 1: unknown instruction: hi")).toBeUndefined();
  expect(failureHint("Dockerfile:1: no build stage in current context")).toContain("begins with FROM");
});
