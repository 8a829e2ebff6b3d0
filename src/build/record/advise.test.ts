import { expect, test } from "bun:test";
import { advise } from "./advise.ts";
import type { BuildRecord, RecordedStep } from "./build-record.ts";

function build(...steps: (Partial<RecordedStep> & { name: string })[]): BuildRecord {
  return {
    id: "0",
    project: "p",
    tags: [],
    startedAt: 0,
    durationMs: 0,
    outcome: "done",
    steps: steps.map((step) => ({ stage: "", outcome: "done", durationMs: 0, ...step })),
  };
}

const copy = { name: "[2/4] COPY . .", causes: ["src/a.js changed (content)"] };
const install = { name: "[3/4] RUN npm install", causes: ["an earlier step changed: 2/4"], durationMs: 3000 };
const make = { name: "[4/4] RUN make", causes: ["an earlier step changed: 3/4"], durationMs: 500 };

test("advise() names the COPY whose changes cost later steps their hits", () => {
  expect(
    advise([build(copy, install, make), build(copy, install, make), build({ ...copy, outcome: "hit" })]),
  ).toEqual([
    "moving `COPY . .` below `RUN npm install` would have saved 6.0 s in 2 of your last 3 builds, " +
      "if that step needs none of the files",
    "moving `COPY . .` below `RUN make` would have saved 1.0 s in 2 of your last 3 builds, " +
      "if that step needs none of the files",
  ]);
});

test("advise() says nothing of other causes, of one build, and of steps that are gone", () => {
  const own = { ...install, causes: ["step text changed"] };
  expect(advise([build(copy, own), build(copy, own)])).toEqual([]);
  const argument = { ...copy, causes: ["src/a.js changed (content)", "ARG V 1 → 2"] };
  expect(advise([build(argument, install), build(argument, install)])).toEqual([]);
  expect(advise([build(copy, install)])).toEqual([]);
  expect(advise([build(), build(copy, install), build(copy, install)])).toEqual([]);
});
