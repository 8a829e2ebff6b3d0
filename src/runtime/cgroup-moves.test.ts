import { readFileSync } from "node:fs";
import { expect, test } from "bun:test";
import { CgroupMoves } from "./cgroup-moves.ts";

test("CgroupMoves.expect() leaves this process in its cgroups, also when called many times", async () => {
  const before = readFileSync("/proc/self/cgroup", "utf8");
  const moves = new CgroupMoves();
  for (let turn = 0; turn < 5; turn += 1) {
    moves.expect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(readFileSync("/proc/self/cgroup", "utf8")).toBe(before);
});
