import { expect, test } from "bun:test";
import type { BuildReport } from "../../../../engine/engine.ts";
import { BuildModel, modelOfRecord, stepLabel } from "./build-model.ts";

globalThis.requestAnimationFrame ??= (work) => (queueMicrotask(() => work(0)), 0);

test("BuildModel adds events up to steps with times, causes and output", () => {
  const model = new BuildModel();
  model.see({ type: "vertex", id: "a", name: "[1/2] COPY . .", line: 2 });
  model.see({ type: "vertex", id: "b", name: "[2/2] RUN make", inputs: ["a"] });
  model.see({ type: "started", id: "a", at: 100 });
  model.see({ type: "completed", id: "a", at: 150, cached: false, causes: ["src/a.js changed (content)"] });
  model.see({ type: "started", id: "b", at: 150 });
  model.see({ type: "log", id: "b", stream: "stdout", data: "one\ntw" });
  model.see({ type: "log", id: "b", stream: "stdout", data: "o" });
  expect(model.steps.get("b")?.state).toBe("running");
  model.see({ type: "completed", id: "b", at: 400, cached: false, error: "exit code 2" });
  model.see({ type: "ended", outcome: "failed", at: 410, error: "exit code 2" });
  expect(model.steps.get("a")).toMatchObject({ state: "done", causes: ["src/a.js changed (content)"] });
  expect(model.steps.get("b")).toMatchObject({
    state: "failed",
    startedAt: 150,
    endedAt: 400,
    inputs: ["a"],
  });
  expect(model.steps.get("b")?.log.lines.map(({ text }) => text)).toEqual(["one", "two"]);
  expect(model).toMatchObject({ outcome: "failed", startedAt: 100, endedAt: 410 });
});

test("BuildModel leaves no step running when the build has ended", () => {
  const model = new BuildModel();
  model.see({ type: "vertex", id: "a", name: "[1/1] RUN x" });
  model.see({ type: "started", id: "a", at: 1 });
  model.see({ type: "ended", outcome: "cancelled", at: 2 });
  expect(model.steps.get("a")?.state).toBe("skipped");
});

test("modelOfRecord() shows a record without its events", () => {
  const record: BuildReport = {
    id: "1",
    project: "p",
    tags: [],
    startedAt: 1000,
    durationMs: 500,
    outcome: "done",
    advice: [],
    steps: [
      { name: "[1/2] COPY a", outcome: "hit", durationMs: 0, startMs: 10 },
      { name: "[2/2] RUN b", outcome: "done", durationMs: 400, startMs: 20, inputs: [0] },
    ],
  };
  const model = modelOfRecord(record);
  expect(
    [...model.steps.values()].map(({ startedAt, endedAt, state }) => [state, startedAt, endedAt]),
  ).toEqual([
    ["hit", 1010, 1010],
    ["done", 1020, 1420],
  ]);
});

test("stepLabel() splits a step's name", () => {
  expect(stepLabel("[build  2/6] RUN npm ci")).toEqual({ place: "build 2/6", text: "RUN npm ci" });
  expect(stepLabel("[internal] load x")).toEqual({ place: "", text: "load x" });
});
