import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BuildHarness, outcomes, type Built } from "./harness.ts";

setDefaultTimeout(120_000);

let harness: BuildHarness;

beforeAll(async () => {
  harness = await BuildHarness.open();
});

afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

/** A build of the project (a directory) with its one file. */
function build(project: string, content: string, lines: string, buildArgs = {}): Promise<Built> {
  const path = harness.directory(project);
  writeFileSync(join(path, "file"), content);
  return harness.build({
    context: { kind: "directory", path },
    dockerfile: { text: `FROM busybox\n${lines}` },
    buildArgs,
  });
}

function causes(built: Built, step: string): readonly string[] | "hit" {
  const found = [...outcomes(built.events)].find(([name]) => name.includes(step))?.[1];
  return found?.cached === true ? "hit" : (found?.causes ?? []);
}

test("a hit that another project's build made leaves what a later miss is explained from", async () => {
  const lines = "COPY . /x\nRUN echo shared\n";
  await build("one", "same", lines);
  expect(causes(await build("two", "same", lines), "COPY")).toBe("hit");
  expect(causes(await build("two", "other", lines), "COPY")).toEqual(["file changed (content)"]);
});

test("a miss is explained from the last build of the project, not from the last that ran the step", async () => {
  const lines = "ARG V\nRUN echo $V > /v\n";
  for (const V of ["1", "2", "1"]) await build("back", "", lines, { V });
  expect(causes(await build("back", "", lines, { V: "3" }), "RUN")).toEqual(["ARG V 1 → 3"]);
});

test("a step whose result was collected, and which changed since, says what changed", async () => {
  const lines = "COPY . /collected\n";
  await build("gone", "a", lines);
  await harness.builder.prune({ isOld: () => true, reason: "to stay under 20GB" });
  expect(causes(await build("gone", "b", lines), "COPY")).toEqual(["file changed (content)"]);
  expect(causes(await build("gone", "a", lines), "COPY")[0]).toMatch(/^collected .* ago to stay under 20GB$/);
});

test("after twenty builds their record says what they lost by the order of the steps", async () => {
  for (let round = 0; round < 20; round += 1)
    await build("advice", `round ${round}`, "COPY . /src\nRUN sleep 0.1\n");
  const report = harness.builder.records.inspect("");
  expect(report.advice).toEqual([
    expect.stringMatching(
      /^moving `COPY \. \/src` below `RUN sleep 0\.1` would have saved \d+(\.\d)? s in 19 of your last 20 builds/,
    ),
  ]);
  // Each of them says itself what happened.
  const builds = harness.builder.records.list().filter(({ project }) => project === report.project);
  expect(builds).toHaveLength(20);
  const runs = builds.map(({ steps }) => steps.find(({ name }) => name.includes("RUN"))?.causes);
  expect(runs.slice(0, 19)).toEqual(Array.from({ length: 19 }, () => ["an earlier step changed: 2/3"]));
});
