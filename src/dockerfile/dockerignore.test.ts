import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { IgnoreMatcher, parseDockerignore, readPatterns } from "./dockerignore.ts";

function read<T>(name: string): T {
  return JSON.parse(
    readFileSync(new URL(`../../test/data/dockerignore/${name}`, import.meta.url), "utf8"),
  ) as T;
}

const tables = Object.values(
  read<Record<string, { func: string; var: string; rows: unknown[] }[]>>("tables.json"),
).flat();

function rows<T>(variable: string): T[] {
  return tables.filter((table) => table.var === variable).flatMap((table) => table.rows as T[]);
}

test("IgnoreMatcher answers upstream's tables", () => {
  for (const { pattern, text, pass } of rows<{ pattern: string; text: string; pass: boolean }>("tests"))
    expect(new IgnoreMatcher([pattern]).ignores(text), `${pattern} ${text}`).toBe(pass);
  for (const row of rows<{ patterns: string[]; text: string; pass: boolean }>("multiPatternTests"))
    expect(new IgnoreMatcher(row.patterns).ignores(row.text), row.patterns.join(" ")).toBe(row.pass);
  for (const { pattern, s, match, err } of rows<{ pattern: string; s: string; match: boolean; err: unknown }>(
    "matchTests",
  )) {
    const ignores = (): boolean => new IgnoreMatcher([pattern]).ignores(s);
    if (err !== null) expect(ignores, pattern).toThrow("syntax error in pattern");
    else expect(ignores(), `${pattern} ${s}`).toBe(match);
  }
});

test("IgnoreMatcher takes upstream's pattern lists", () => {
  for (const { func, rows: patterns } of tables.filter(({ var: name }) => name === "patterns"))
    expect(() => new IgnoreMatcher(patterns as string[]), func).not.toThrow();
  expect(() => new IgnoreMatcher(["!"])).toThrow('illegal exclusion pattern: "!"');
});

interface GoldenRow {
  dockerignore: string;
  patterns: string[] | null;
  paths: string[];
  excluded?: boolean[];
  error?: string;
}

function answer(row: GoldenRow): unknown {
  try {
    const matcher = parseDockerignore(row.dockerignore);
    return {
      patterns: readPatterns(row.dockerignore),
      excluded: row.paths.map((path) => matcher.ignores(path)),
    };
  } catch {
    return "error";
  }
}

test("parseDockerignore() decides on recorded files as moby's matcher did", () => {
  const failures = read<GoldenRow[]>("golden.json").filter((row) => {
    const expected =
      row.error === undefined ? { patterns: row.patterns ?? [], excluded: row.excluded } : "error";
    return !isDeepStrictEqual(answer(row), expected);
  });
  expect(failures).toEqual([]);
});

test("IgnoreMatcher notices a malformed pattern where moby does: at its beginning, or when a path is held against it", () => {
  expect(() => new IgnoreMatcher(["a["])).toThrow("syntax error in pattern");
  expect(() => new IgnoreMatcher(["*.go["])).toThrow("syntax error in pattern");
  expect(() => new IgnoreMatcher([".*/a["])).toThrow("syntax error in pattern");
  const late = new IgnoreMatcher(["a/*[", "b"]);
  expect(() => late.ignores("b")).toThrow("syntax error in pattern");
  // An exception counts only for what is ignored, and a pattern only for what is not yet.
  const matcher = new IgnoreMatcher(["!x*[", "a", "a/b*["]);
  expect(matcher.ignores("a")).toBe(true);
  expect(matcher.skipsDirectory("a")).toBe(false);
  expect(() => matcher.ignores("c")).toThrow("syntax error in pattern");
});

test("skipsDirectory() is true only where nothing below is wanted", () => {
  const matcher = parseDockerignore("node_modules\nsrc\n!src/keep/*.ts\ndist/**\n");
  expect(matcher.skipsDirectory("node_modules")).toBe(true);
  expect(matcher.skipsDirectory("node_modules/a/b")).toBe(true);
  expect(matcher.skipsDirectory("src")).toBe(false);
  expect(matcher.skipsDirectory("src/keep")).toBe(false);
  expect(matcher.skipsDirectory("src/other")).toBe(true);
  expect(matcher.skipsDirectory("lib")).toBe(false);
  expect(parseDockerignore("*\n!**/keep.txt\n").skipsDirectory("a")).toBe(false);
  expect(parseDockerignore("*\n!**/k?ep.txt\n").skipsDirectory("a")).toBe(false);
});

test("skipsDirectory() never hides a path that is not ignored", () => {
  for (const { dockerignore, paths, error } of read<GoldenRow[]>("golden.json")) {
    if (error !== undefined || dockerignore.includes("[\n")) continue;
    const matcher = parseDockerignore(dockerignore);
    for (const path of paths) {
      if (matcher.ignores(path)) continue;
      const parts = path.split("/");
      for (let depth = 1; depth < parts.length; depth += 1)
        expect(matcher.skipsDirectory(parts.slice(0, depth).join("/")), `${dockerignore} ${path}`).toBe(
          false,
        );
    }
  }
});

test("IgnoreMatcher stays fast on patterns made to backtrack", () => {
  const started = performance.now();
  const matcher = parseDockerignore(`${"**/a*".repeat(30)}b\n`);
  expect(matcher.ignores("aaaaaaaa/".repeat(100) + "cb")).toBe(false);
  expect(performance.now() - started).toBeLessThan(1500);
});
