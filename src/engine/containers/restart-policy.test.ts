import { expect, test } from "bun:test";
import { nextDelay } from "./restart-policy.ts";

test("nextDelay() begins at 100 ms and doubles up to a minute", () => {
  const delays: number[] = [];
  for (let delay = 0; delays.length < 12;) delays.push((delay = nextDelay(delay, 0)));
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000]);
});

test("nextDelay() begins anew after a run of ten seconds", () => {
  expect(nextDelay(1600, 9_999)).toBe(3200);
  expect(nextDelay(1600, 10_000)).toBe(100);
});
