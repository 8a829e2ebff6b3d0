import { expect, test } from "bun:test";
import { errorCode, errorMessage, SlipwayError } from "./errors.ts";

test("errorCode() and errorMessage() tell the first fault when undoing failed too", () => {
  const first = new SlipwayError("not_found", "No such thing");
  const both = new SuppressedError(new Error("cannot undo"), first, "");
  expect(errorCode(both)).toBe("not_found");
  expect(errorMessage(both)).toBe("No such thing");
});

test("errorCode() knows aborts, time-outs and full disks", () => {
  expect(errorCode(new DOMException("gone", "AbortError"))).toBe("cancelled");
  expect(errorCode(new DOMException("late", "TimeoutError"))).toBe("deadline_exceeded");
  expect(errorCode(Object.assign(new Error("full"), { code: "ENOSPC" }))).toBe("resource_exhausted");
  expect(errorCode("text")).toBe("internal");
});
