import { readFileSync } from "node:fs";
import { SlipwayError } from "../../src/errors.ts";
import { parseDockerignore } from "../../src/dockerfile/dockerignore.ts";
import { DockerfileError } from "../../src/dockerfile/dockerfile-error.ts";
import { expandWords } from "../../src/dockerfile/expand-word.ts";
import { parseGitContextRef } from "../../src/dockerfile/git-context-ref.ts";
import { lintText } from "../../src/dockerfile/lint/lint-dockerfile.ts";
import { parseDockerfile } from "../../src/dockerfile/parse-dockerfile.ts";
import { platformArgs } from "../../src/build/plan/build-args.ts";
import { imageGrammar } from "../../src/build/plan/check-dockerfile.ts";
import { platform, stubPlan } from "../golden/stub-plan.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

/** What one input did wrong. */
export interface Complaint {
  readonly index: number;
  readonly target: string;
  readonly input: string;
  readonly problem: string;
}

/** An input that takes longer is a way to stop the engine; milliseconds. */
const maxTime = 1000;

interface Target {
  readonly name: string;
  readonly samples: readonly string[];
  readonly run: (input: string) => void;
  /** Whether the input may be answered with this error. */
  readonly allows: (error: unknown) => boolean;
}

/** Runs input number `index` of a fixed seed. Undefined: it was read, or refused as it should be. */
export class DockerfileFuzz {
  readonly #targets = targets();

  run(index: number): Complaint | undefined {
    const random = new Random(index * 2_654_435_761);
    const target = random.pick(this.#targets);
    const input = mutate(random.pick(target.samples), random.pick(target.samples), random);
    const started = performance.now();
    const problem = this.#try(target, input);
    const took = performance.now() - started;
    if (problem !== undefined) return { index, target: target.name, input, problem };
    if (took <= maxTime) return undefined;
    return { index, target: target.name, input, problem: `took ${Math.round(took)} ms` };
  }

  #try({ run, allows }: Target, input: string): string | undefined {
    try {
      run(input);
      return undefined;
    } catch (error) {
      return allows(error) ? undefined : `${(error as Error).stack ?? String(error)}`;
    }
  }
}

function targets(): readonly Target[] {
  const dockerfiles = read("dockerfile/dockerfiles.jsonl")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { dockerfile: string }).dockerfile)
    .filter((text) => text.length < 5000);
  const { env, cases } = JSON.parse(read("dockerfile/shell-expansion.json")) as {
    env: Record<string, string>;
    cases: { word: string }[];
  };
  const ignores = JSON.parse(read("dockerignore/golden.json")) as { dockerignore: string; paths: string[] }[];
  const isDockerfileError = (error: unknown): boolean => error instanceof DockerfileError;
  const isInvalid = (error: unknown): boolean =>
    error instanceof SlipwayError && error.code === "invalid_argument";
  return [
    {
      name: "parser",
      samples: dockerfiles,
      run: (text) => void parseDockerfile(text),
      allows: isDockerfileError,
    },
    { name: "plan", samples: dockerfiles, run: (text) => void stubPlan(text), allows: isDockerfileError },
    {
      name: "checks",
      samples: dockerfiles,
      run: (text) => void lintText(text, lintOptions),
      allows: () => false,
    },
    {
      name: "expansion",
      samples: cases.map(({ word }) => word),
      run: (text) => void expandWords(text, (name) => (Object.hasOwn(env, name) ? env[name] : undefined)),
      allows: isInvalid,
    },
    {
      name: "dockerignore",
      samples: ignores.map(({ dockerignore }) => dockerignore),
      run: (text) => askAll(text, ignores[0]?.paths ?? []),
      allows: isInvalid,
    },
    {
      name: "git reference",
      samples: gitReferences(),
      run: (text) => void parseGitContextRef(text),
      allows: isInvalid,
    },
  ];
}

const lintOptions = { ...imageGrammar, predefinedArgs: platformArgs(platform, platform, "default") };

function askAll(text: string, paths: readonly string[]): void {
  const matcher = parseDockerignore(text);
  for (const path of [...paths, ".", `${"a/".repeat(50)}b`]) {
    matcher.ignores(path);
    matcher.skipsDirectory(path);
  }
}

function gitReferences(): readonly string[] {
  const tables = JSON.parse(read("git-ref/tables.json")) as Record<string, { rows: { ref: string }[] }[]>;
  return Object.values(tables)
    .flat()
    .flatMap(({ rows }) => rows.map(({ ref }) => ref));
}

function read(path: string): string {
  return readFileSync(new URL(`../data/${path}`, import.meta.url), "utf8");
}
