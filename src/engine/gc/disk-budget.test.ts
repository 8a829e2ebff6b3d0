import { expect, test } from "bun:test";
import { budgetBytes, cacheLimit, parseDiskAmount } from "./disk-budget.ts";

test("parseDiskAmount() takes sizes and percentages, and refuses all else", () => {
  expect(parseDiskAmount("20GB")).toEqual({ bytes: 20e9 });
  expect(parseDiskAmount("15%")).toEqual({ part: 0.15 });
  for (const text of ["", "%", "101%", "-1%", "many"]) expect(() => parseDiskAmount(text)).toThrow("invalid");
});

test("budgetBytes() takes a part of the disk, with an end, unless it is told", () => {
  expect(budgetBytes({}, 100e9)).toEqual({ maxUsed: 20e9, minFree: 10e9 });
  expect(budgetBytes({}, 4e12)).toEqual({ maxUsed: 50e9, minFree: 20e9 });
  expect(budgetBytes({ maxUsed: { part: 0.5 }, minFree: { bytes: 0 } }, 100e9)).toEqual({
    maxUsed: 50e9,
    minFree: 0,
  });
});

test("cacheLimit() is the lower of both limits, and none when all is well", () => {
  const limits = { maxUsed: 20, minFree: 10 };
  expect(cacheLimit(limits, { used: 20, free: 10 })).toBeUndefined();
  expect(cacheLimit(limits, { used: 25, free: 10 })).toEqual({ keepBytes: 20, isForFree: false });
  expect(cacheLimit(limits, { used: 15, free: 4 })).toEqual({ keepBytes: 9, isForFree: true });
  expect(cacheLimit(limits, { used: 3, free: 4 })).toEqual({ keepBytes: 0, isForFree: true });
  expect(cacheLimit(limits, { used: 0, free: 0 })).toBeUndefined();
});
