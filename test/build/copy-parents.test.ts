import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BuildHarness, outcomes, output, type Built } from "./harness.ts";

setDefaultTimeout(60_000);

let harness: BuildHarness;
let directory: string;

beforeAll(async () => {
  harness = await BuildHarness.open();
  directory = harness.directory("context");
  for (const path of ["x/y/a.txt", "x/z/b.txt", "x/z/c.md"]) {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), `${path}\n`);
  }
  chmodSync(join(directory, "x/y"), 0o750);
});

afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

function build(text: string): Promise<Built> {
  return harness.build({ context: { kind: "directory", path: directory }, dockerfile: { text } });
}

test("COPY --parents keeps the directories of files and patterns, with their modes", async () => {
  const text = [
    "FROM busybox",
    "COPY --parents x/y/a.txt x/**/*.md /all/",
    "COPY --parents x/./*/*.txt /below",
    "RUN find /all /below | grep -v '^/$'; stat -c %a /all/x/y /below/y",
  ].join("\n");
  const lines = output((await build(text)).events)
    .trim()
    .split("\n")
    .toSorted();
  expect(lines).toEqual([
    "/all",
    "/all/x",
    "/all/x/y",
    "/all/x/y/a.txt",
    "/all/x/z",
    "/all/x/z/c.md",
    "/below",
    "/below/y",
    "/below/y/a.txt",
    "/below/z",
    "/below/z/b.txt",
    "750",
    "750",
  ]);
});

test("COPY --parents from a stage is a hit until a file it takes changes", async () => {
  const text = (word: string, other: string): string =>
    `FROM busybox AS made\nRUN mkdir -p /m/n && echo ${word} > /m/n/f && echo ${other} > /m/n/g\n` +
    "FROM busybox\nCOPY --from=made --parents /m/./n/f /to/\nRUN cat /to/n/f\n";
  expect(output((await build(text("one", "1"))).events)).toBe("one\n");
  const again = await build(text("one", "2"));
  const copy = [...outcomes(again.events)].find(([name]) => name.includes("COPY"));
  expect(copy?.[1].cached).toBe(true);
  expect(output((await build(text("two", "2"))).events)).toBe("two\n");
});

test("COPY --parents names the line of a path that is not there", async () => {
  const built = build("FROM busybox\nCOPY --parents x/none /to/\n");
  await expect(built).rejects.toThrow('Dockerfile:2: failed to compute cache key: "/x/none": not found');
});
