import { expect, test } from "bun:test";
import { keptSpace } from "./prune-space.ts";

const GB = 1e9;
const disk = { cacheBytes: 50 * GB, freeBytes: 10 * GB };

test("keptSpace() keeps everything, or the reserve, or what may be used, or what leaves the disk enough", () => {
  expect(keptSpace({}, disk)).toBeUndefined();
  expect(keptSpace({ reservedSpace: 20 * GB }, disk)).toEqual({
    keepBytes: 20 * GB,
    reason: "to stay under 20GB",
  });
  expect(keptSpace({ maxUsedSpace: 30 * GB }, disk)).toEqual({
    keepBytes: 30 * GB,
    reason: "to stay under 30GB",
  });
  expect(keptSpace({ minFreeSpace: 25 * GB }, disk)).toEqual({
    keepBytes: 35 * GB,
    reason: "to keep 25GB of the disk free",
  });
  expect(keptSpace({ minFreeSpace: 5 * GB }, disk)?.keepBytes).toBe(50 * GB);
  expect(keptSpace({ minFreeSpace: 500 * GB }, disk)?.keepBytes).toBe(0);
});

test("keptSpace() takes the tighter of two limits, and never less than the reserve", () => {
  expect(keptSpace({ maxUsedSpace: 30 * GB, minFreeSpace: 25 * GB }, disk)?.keepBytes).toBe(30 * GB);
  expect(keptSpace({ maxUsedSpace: 40 * GB, minFreeSpace: 25 * GB }, disk)?.keepBytes).toBe(35 * GB);
  expect(keptSpace({ maxUsedSpace: 5 * GB, reservedSpace: 10 * GB }, disk)).toEqual({
    keepBytes: 10 * GB,
    reason: "to stay under 10GB",
  });
  expect(keptSpace({ minFreeSpace: 100 * GB, reservedSpace: 15 * GB }, disk)?.keepBytes).toBe(15 * GB);
});
