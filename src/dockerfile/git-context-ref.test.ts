import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { formatGitContextRef, parseGitContextRef } from "./git-context-ref.ts";

interface Table {
  func: string;
  rows: unknown[];
}

const url = new URL("../../test/data/git-ref/tables.json", import.meta.url);
const tables = Object.values(JSON.parse(readFileSync(url, "utf8")) as Record<string, Table[]>).flat();

function rows<T>(func: string): T[] {
  return tables.find((table) => table.func === func)?.rows as T[];
}

interface ParseRow {
  ref: string;
  expected?: Record<string, unknown> | null;
  err?: string;
}

/** In BuildKit's names, without what is off. */
function described(text: string): unknown {
  const parsed = parseGitContextRef(text);
  if (parsed === undefined) return null;
  const fields = {
    Remote: parsed.remote,
    ShortName: parsed.shortName,
    Ref: parsed.ref,
    SubDir: parsed.subdir,
    MTime: parsed.mtime,
    Checksum: parsed.checksum,
    FetchByCommit: parsed.fetchByCommit || undefined,
    IndistinguishableFromLocal: parsed.mayBeLocal || undefined,
    UnencryptedTCP: parsed.isUnencrypted || undefined,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

test("parseGitContextRef() answers BuildKit's table", () => {
  const table = rows<ParseRow>("TestParseGitRef");
  expect(table.length).toBe(39);
  for (const { ref, expected, err } of table) {
    if (err !== undefined) expect(() => parseGitContextRef(ref), ref).toThrow(err);
    else expect(described(ref), ref).toEqual(expected);
  }
});

test("formatGitContextRef() answers BuildKit's tables", () => {
  const format = (text: string, withSubdir: boolean): string | undefined => {
    try {
      const parsed = parseGitContextRef(text);
      return parsed && formatGitContextRef(parsed, { withSubdir });
    } catch {
      return undefined;
    }
  };
  const plain = rows<{ ref: string; expected: string; ok: boolean }>("TestFragmentFormat");
  const withSubdir = rows<{ ref: string; expected: string; ok: boolean }>("TestFragmentFormatWithSubdir");
  expect([plain.length, withSubdir.length]).toEqual([31, 6]);
  for (const { ref, expected, ok } of plain) expect(format(ref, false), ref).toBe(ok ? expected : undefined);
  for (const { ref, expected, ok } of withSubdir)
    expect(format(ref, true), ref).toBe(ok ? expected : undefined);
});

test("parseGitContextRef() takes nothing that git would read as an option", () => {
  for (const text of ["git@-oProxyCommand=x:path", "git@host:--upload-pack=x", "-x@host:path.git", "--x"])
    expect(parseGitContextRef(text)?.remote.startsWith("-") ?? false, text).toBe(false);
  expect(parseGitContextRef("git@host:--upload-pack=x")).toBeUndefined();
  expect(() => parseGitContextRef("https://h/a.git#--upload-pack=x")).toThrow(
    'invalid ref: "--upload-pack=x"',
  );
});

test("parseGitContextRef() names no password in its errors", () => {
  expect(() => parseGitContextRef("https://me:secret@h/a.git?mtime=x")).toThrow(/^(?!.*secret)/);
});

test("parseGitContextRef() stays fast on long texts", () => {
  const started = performance.now();
  for (const text of [
    "a@".repeat(4000),
    `git@${"a:".repeat(4000)}`,
    `a@${"[".repeat(8000)}`,
    "https://h/".padEnd(8191, "/"),
  ])
    parseGitContextRef(text);
  expect(performance.now() - started).toBeLessThan(500);
});
