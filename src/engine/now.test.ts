import { expect, test } from "bun:test";
import { makeNow } from "./now.ts";

function clock() {
  const at = { wall: 1000, steady: 0 };
  return { at, now: makeNow({ wall: () => at.wall, steady: () => at.steady }) };
}

test("makeNow() counts fractions, and follows a wall clock that runs faster or slower", () => {
  const { at, now } = clock();
  Object.assign(at, { wall: 1000, steady: 0.25 });
  expect(now()).toBe(1000.25);
  Object.assign(at, { wall: 1100, steady: 120 });
  expect(now()).toBe(1100);
  Object.assign(at, { wall: 5000, steady: 121 });
  expect(now()).toBe(5000);
});

test("makeNow() never goes back, unless the wall clock was set back", () => {
  const { at, now } = clock();
  expect(now()).toBe(1000);
  Object.assign(at, { wall: 990, steady: 1 });
  expect(now()).toBe(1000);
  Object.assign(at, { wall: 1001, steady: 12 });
  expect(now()).toBe(1001);
  Object.assign(at, { wall: -9000, steady: 13 });
  expect(now()).toBe(-9000);
});

test("makeNow() is never after a Date.now() that was read later", () => {
  const now = makeNow();
  for (let round = 0; round < 1000; round += 1) expect(Math.floor(now())).toBeLessThanOrEqual(Date.now());
});
