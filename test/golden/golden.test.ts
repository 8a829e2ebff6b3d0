import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { goldenSets } from "./golden-sets.ts";
import type { Outcome } from "./outcome.ts";

/** Where the project keeps its copies. */
const copies = {
  "dockerfiles.jsonl": "dockerfile/dockerfiles.jsonl",
  "shell-expansion.json": "dockerfile/shell-expansion.json",
  "dockerignore.json": "dockerignore/golden.json",
  "references.json": "reference/golden.json",
  "go-template-format.json": "docker-cli/go-template-format.json",
} as const;

function run(name: keyof typeof copies): Readonly<Record<string, readonly Outcome[]>> {
  const text = readFileSync(new URL(`../data/${copies[name]}`, import.meta.url), "utf8");
  return goldenSets[name]?.(text) ?? {};
}

function failed(outcomes: readonly Outcome[] = []): readonly string[] {
  return outcomes.filter(({ failure }) => failure !== undefined).map(({ id }) => id);
}

const dockerfiles = run("dockerfiles.jsonl");

test("public Dockerfiles are read, refused and checked as BuildKit did", () => {
  expect(dockerfiles["dockerfiles.jsonl tree"]?.length).toBe(696);
  expect(failed(dockerfiles["dockerfiles.jsonl tree"])).toEqual([]);
  expect(failed(dockerfiles["dockerfiles.jsonl error"])).toEqual([]);
  expect(dockerfiles["dockerfiles.jsonl lint"]?.length).toBe(670);
  expect(failed(dockerfiles["dockerfiles.jsonl lint"])).toEqual([]);
});

test("public Dockerfiles make the image BuildKit made", () => {
  expect(failed(dockerfiles["dockerfiles.jsonl image"])).toEqual([]);
});

test("public Dockerfiles do what BuildKit does, but for what is not carried out", () => {
  const outcomes = dockerfiles["dockerfiles.jsonl operation"] ?? [];
  expect(outcomes.length).toBe(634);
  const failures = outcomes.flatMap(({ failure }) => failure ?? []);
  expect(failures.filter((failure) => !failure.startsWith("not carried out:"))).toEqual([]);
});

test.each([
  ["shell-expansion.json", 1479, 0],
  // A malformed pattern is refused even where no path would have made moby look at it.
  ["dockerignore.json", 756, 0],
  ["references.json", 1237, 0],
  ["go-template-format.json", 62, 0],
] as const)("%s is answered as recorded", (name, total, misses) => {
  const outcomes = run(name)[name] ?? [];
  expect([outcomes.length, failed(outcomes).length]).toEqual([total, misses]);
});
