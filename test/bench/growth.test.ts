import { expect, test } from "bun:test";
import { growthTable, slope } from "../../bench/report/growth.ts";
import type { Results } from "../../bench/results.ts";

test("slope() tells in proportion from constant and from square", () => {
  expect(
    slope([
      [1, 5],
      [10, 50],
      [100, 500],
    ]),
  ).toBeCloseTo(1);
  expect(
    slope([
      [1, 5],
      [10, 5],
      [100, 5],
    ]),
  ).toBeCloseTo(0);
  expect(
    slope([
      [2, 4],
      [4, 16],
    ]),
  ).toBeCloseTo(2);
  expect(slope([[2, 4]])).toBeUndefined();
});

test("growthTable() has a row for each series that was measured at two amounts", () => {
  const scenario = (amount: number, median: number, series = "files") => ({
    id: `x${amount}`,
    area: "growth" as const,
    title: "",
    unit: "ms" as const,
    scale: { series, amount },
    measured: [
      {
        peer: "slipway",
        samples: [median],
        summary: { median, spread: 0, min: median, max: median, count: 1 },
      },
    ],
  });
  const results: Results = {
    date: "",
    commit: "",
    machine: "",
    peers: [],
    scenarios: [scenario(100, 300), scenario(10, 30), scenario(1, 1, "lonely")],
  };
  const table = growthTable(results, ["slipway", "docker"]);
  expect(table).toContain("| files | 10, 100 | 1.00 | – |");
  expect(table).not.toContain("lonely");
});
