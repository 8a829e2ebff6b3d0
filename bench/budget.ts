import { readFileSync, writeFileSync } from "node:fs";
import { ratioTo, type Results } from "./results.ts";

const path = "bench/budget.json";
/** Noise of a shared machine: a ratio counts as worse beyond this part of the budget. */
const tolerance = 1.25;

/** By scenario: Slipway's median as a part of Docker's, when it was last written down. */
type Budget = Record<string, number>;

/** Says which ratios are worse than they were. For information: it never fails a run. */
export function overBudget(results: Results): string[] {
  const budget = JSON.parse(readFileSync(path, "utf8")) as Budget;
  return results.scenarios.flatMap((scenario) => {
    const ratio = ratioTo(scenario, "docker");
    const limit = budget[scenario.id];
    if (ratio === undefined || limit === undefined || ratio <= limit * tolerance) return [];
    return [`${scenario.id}: ${ratio.toFixed(2)} of Docker's time, ${limit.toFixed(2)} before`];
  });
}

/** Makes the ratios of this run the ones to keep; scenarios it did not measure keep theirs. */
export function writeBudget(results: Results): void {
  const budget = JSON.parse(readFileSync(path, "utf8")) as Budget;
  for (const scenario of results.scenarios) {
    const ratio = ratioTo(scenario, "docker");
    if (ratio !== undefined) budget[scenario.id] = Number(ratio.toFixed(3));
  }
  writeFileSync(path, `${JSON.stringify(budget, undefined, 2)}\n`);
}
