import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { expandWord, expandWords } from "./expand-word.ts";
import { ShellPattern } from "./shell-pattern.ts";

function read(name: string): string {
  return readFileSync(new URL(`../../test/data/dockerfile/${name}`, import.meta.url), "utf8");
}

function lookupIn(env: Readonly<Record<string, string>>): (name: string) => string | undefined {
  return (name) => (Object.hasOwn(env, name) ? env[name] : undefined);
}

function rows<T>(func: string): T {
  const tables = Object.values(
    JSON.parse(read("dockerfile_parser.json")) as Record<string, { func: string; rows: unknown }[]>,
  ).flat();
  return tables.find((table) => table.func === func)?.rows as T;
}

test("expandWord() answers BuildKit's word table", () => {
  const lookup = lookupIn({ PWD: "/home", SHELL: "bash", KOREAN: "한국어", NULL: "" });
  const table = JSON.parse(read("envVarTest.json")) as { platform: string; word: string; expected: string }[];
  for (const { platform, word, expected } of table) {
    if (platform === "W") continue;
    if (expected === "error") expect(() => expandWord(word, lookup), word).toThrow(/^failed to process /);
    else expect(expandWord(word, lookup), word).toBe(expected);
  }
});

test("expandWords() splits BuildKit's words table", () => {
  const env: Record<string, string> = {};
  for (const line of read("wordsTest").split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("ENV ")) {
      const [key = "", value = ""] = line.replace(/^ENV +/, "").split("=");
      env[key] = value;
      continue;
    }
    const [word = "", expected = ""] = line.split(" | ");
    if (expected === "error") expect(() => expandWords(word, lookupIn(env)), word).toThrow();
    else expect(expandWords(word, lookupIn(env)).words.join(","), word).toBe(expected);
  }
});

interface MatchRow {
  input: string;
  envs: Record<string, string>;
  expected?: string;
  expectedErr?: boolean;
  matches?: Record<string, object> | null;
  unmatched?: Record<string, object>;
}

test("expandWords() tells which variables were set and which were not", () => {
  for (const row of rows<MatchRow[]>("TestProcessWithMatches")) {
    const expand = (): ReturnType<typeof expandWords> => expandWords(row.input, lookupIn(row.envs));
    if (row.expectedErr === true) {
      expect(expand, row.input).toThrow();
      continue;
    }
    const { text, matched, unmatched } = expand();
    expect(text, row.input).toBe(row.expected ?? "");
    expect([...matched].toSorted(), row.input).toEqual(Object.keys(row.matches ?? {}).toSorted());
    expect([...unmatched].toSorted(), row.input).toEqual(Object.keys(row.unmatched ?? {}).toSorted());
  }
});

interface GoldenCase {
  word: string;
  escape: string;
  result?: string;
  words?: string[];
  unmatched?: string[];
  error?: string;
}

test("expandWords() expands recorded words as BuildKit did", () => {
  const golden = JSON.parse(read("shell-expansion.json")) as {
    env: Record<string, string>;
    cases: GoldenCase[];
  };
  const failures = golden.cases.filter(({ word, escape, result, unmatched, error }) => {
    try {
      const expansion = expandWords(word, lookupIn(golden.env), { escape });
      const missing = [...expansion.unmatched].toSorted().join(",");
      return error !== undefined || expansion.text !== result || missing !== (unmatched ?? []).join(",");
    } catch {
      return error === undefined;
    }
  });
  expect(failures).toEqual([]);
});

test("expandWord() refuses nesting made to exhaust the stack", () => {
  expect(() => expandWord("${a:-".repeat(50_000), () => undefined)).toThrow("too deeply");
});

test("ShellPattern refuses escapes of characters that mean nothing", () => {
  for (const pattern of ["\\", "\\x", "\\\\\\"]) expect(() => new ShellPattern(pattern), pattern).toThrow();
});

test("ShellPattern stays fast on a pattern made to backtrack", () => {
  const started = performance.now();
  expect(new ShellPattern("*a".repeat(40) + "b").trimPrefix("a".repeat(3000), false)).toHaveLength(3000);
  expect(performance.now() - started).toBeLessThan(1500);
});
