import { expect, test } from "bun:test";
import { parseSignal, signalName } from "./signals.ts";

test.each([
  ["9", 9],
  ["KILL", 9],
  ["sigterm", 15],
  ["SIGHUP", 1],
  ["SIGWINCH", 28],
  ["RTMIN", 34],
  ["SIGRTMIN+3", 37],
  ["RTMAX-2", 62],
  ["64", 64],
])("parseSignal(%p)", (text, number) => {
  expect(parseSignal(text)).toBe(number);
});

test.each(["", "0", "65", "-9", "FOO", "SIG", "RTMIN-1", "RTMAX+1", "9x", "RTMIN+99"])(
  "parseSignal(%p) refuses",
  (text) => {
    expect(() => parseSignal(text)).toThrow(`invalid signal: ${text}`);
  },
);

test("signalName() names a number", () => {
  expect(signalName(15)).toBe("SIGTERM");
  expect(signalName(63)).toBeUndefined();
});
