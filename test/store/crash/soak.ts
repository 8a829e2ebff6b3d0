/** Hundreds of rounds of crash.test.ts. Run by `npm run soak -- crash [ROUNDS]`, not by `npm test`. */
import { expect, test } from "bun:test";
import { CrashLab } from "./crash-lab.ts";
import { crashRounds, type Fault } from "./crash-rounds.ts";

const rounds = Number(process.env["SOAK_AMOUNT"] ?? 300);

test("a store stays whole under faults of every kind", async () => {
  await using lab = await CrashLab.open();
  const faults: Fault[] =
    lab.disk === undefined ? ["kill"] : ["kill", "power", "kill", "io", "kill", "space"];
  const told = await crashRounds(lab, rounds, faults);
  const counts = Object.groupBy(
    told,
    ({ fault, kind, wasDone }) => `${fault} ${kind} ${wasDone ? "after" : "during"}`,
  );
  for (const [what, those] of Object.entries(counts).sort()) console.log(`${those?.length} × ${what}`);
  expect(told).toHaveLength(rounds);
});
