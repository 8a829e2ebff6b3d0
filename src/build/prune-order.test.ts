import { expect, test } from "bun:test";
import type { Digest } from "../oci/digest.ts";
import { pruneOrder, type CachedStep } from "./prune-order.ts";

function step(key: string, snapshot: string, id: number, usedAt: number): CachedStep {
  return { key: key as Digest, snapshot, id, bytes: 10, usedAt };
}

test("pruneOrder() takes what was unused longest first, and what stands on another before it", () => {
  const steps = [step("a", "base", 1, 50), step("b", "top", 2, 60), step("c", "other", 3, 55)];
  const parents = new Map<number, number | null>([
    [1, null],
    [2, 1],
    [3, null],
  ]);
  expect(pruneOrder(steps, parents).map(({ snapshot }) => snapshot)).toEqual(["other", "top", "base"]);
});

test("pruneOrder() sees a use through a snapshot that no record names", () => {
  const steps = [step("a", "base", 1, 10), step("b", "top", 3, 60), step("c", "other", 4, 20)];
  const parents = new Map<number, number | null>([
    [1, null],
    [2, 1],
    [3, 2],
    [4, null],
  ]);
  expect(pruneOrder(steps, parents).map(({ snapshot }) => snapshot)).toEqual(["other", "top", "base"]);
});

test("pruneOrder() counts a snapshot of several records once, with its last use", () => {
  const steps = [step("a", "one", 1, 10), step("b", "one", 1, 90), step("c", "two", 2, 20)];
  const parents = new Map<number, number | null>([
    [1, null],
    [2, null],
  ]);
  const one = { snapshot: "one", keys: ["a", "b"], bytes: 10, usedAt: 90 };
  expect(pruneOrder(steps, parents)[1] as unknown).toEqual(one);
});
