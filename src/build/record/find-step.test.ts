import { expect, test } from "bun:test";
import { findStep } from "./find-step.ts";

const steps = [
  "[base 1/2] FROM x",
  "[base 2/2] RUN a",
  "[linux/arm64 base 2/2] RUN a",
  "[stage-1 1/1] RUN b",
  "https://x",
];
const named = steps.map((name) => ({ name }));

test.each([
  ["base 2/2", 1],
  ["base/2", 1],
  ["BASE 1", 0],
  ["linux/arm64 base 2/2", 2],
  ["2", 2],
  ["2/2", 2],
  ["1/1", 3],
  ["9", undefined],
  ["", undefined],
  ["nothing 1", undefined],
])("findStep() finds %j", (text, at) => {
  expect(findStep(named, text)).toBe(at);
});
