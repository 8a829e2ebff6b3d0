import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { isDomain, splitReference } from "./reference-grammar.ts";
import {
  canonicalString,
  familiarMatch,
  familiarName,
  familiarString,
  parseAnyReference,
  parseReference,
  pullReference,
  repositoryName,
  withDefaultTag,
} from "./reference.ts";

type Row = Record<string, unknown>;

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../test/data/reference/${name}`, import.meta.url), "utf8")) as T;
}

const tables = load<Record<string, { func: string; var: string; rows: unknown }[]>>("tables.json");

function rows<T = Row>(func: string, variable: string): T[] {
  for (const file of Object.values(tables))
    for (const table of file) if (table.func === func && table.var === variable) return table.rows as T[];
  throw new Error(`no table ${func}.${variable}`);
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

test("parseReference() takes upstream's valid names and refuses the invalid ones", () => {
  for (const name of rows<string>("TestValidateReferenceName", "validRepoNames")) parseReference(name);
  for (const name of rows<string>("TestValidateReferenceName", "invalidRepoNames"))
    expect(() => parseReference(name), name).toThrow();
  for (const name of rows<string>("TestValidateRemoteName", "validRepositoryNames")) parseReference(name);
  for (const name of rows<string>("TestValidateRemoteName", "invalidRepositoryNames"))
    expect(() => parseReference(name), name).toThrow();
});

test("parseReference() normalises the ambiguous, familiar and full spelling alike", () => {
  for (const row of rows<Record<string, string>>("TestParseRepositoryInfo", "tests"))
    for (const spelling of [row.FamiliarName, row.FullName, row.AmbiguousName]) {
      if (spelling === undefined || spelling === "") continue;
      const reference = parseReference(spelling);
      expect(reference.domain).toBe(row.Domain ?? "");
      expect(reference.path).toBe(row.RemoteName ?? "");
      expect(familiarName(reference)).toBe(row.FamiliarName ?? "");
      expect(repositoryName(reference)).toBe(row.FullName ?? "");
    }
  for (const row of rows<Record<string, string>>("TestNormalizedSplitHostname", "tests"))
    expect(parseReference(row.input ?? "")).toEqual({ domain: row.domain ?? "", path: row.path ?? "" });
});

test("parseAnyReference() tells digests, image IDs and names apart", () => {
  for (const row of rows<Record<string, string>>("TestParseAnyReference", "tests")) {
    const any = parseAnyReference(row.Reference ?? "");
    expect("digest" in any ? String(any.digest) : canonicalString(any.reference)).toBe(row.Equivalent ?? "");
  }
});

test("familiarMatch() applies shell patterns to the familiar name", () => {
  for (const row of rows<Row>("TestMatch", "tests"))
    expect(familiarMatch(String(row.pattern), parseReference(String(row.reference)))).toBe(
      row.expected as boolean,
    );
});

test("pullReference() adds latest and lets a digest win over a tag", () => {
  for (const row of rows<Record<string, string>>("TestParseDockerRef", "tests"))
    expect(canonicalString(pullReference(parseReference(row.input ?? "")))).toBe(row.expected ?? "");
});

test("splitReference() follows upstream's parse tables", () => {
  for (const row of rows<Row>("TestReferenceParse", "tests")) {
    const input = String(row.input ?? "");
    // That test was linked without SHA-512; we verify it, so we take it.
    if (JSON.stringify(row.err)?.includes("ErrDigestUnsupported") && input.includes("sha512")) continue;
    if (row.err !== undefined) expect(() => splitReference(input), input).toThrow();
    else {
      const { domain, path, tag, digest } = splitReference(input);
      expect(domain === undefined ? path : `${domain}/${path}`).toBe(String(row.repository));
      expect(domain).toBe(row.domain === undefined || row.domain === "" ? undefined : String(row.domain));
      expect(tag).toBe(row.tag as string | undefined);
      expect(digest as string | undefined).toBe(row.digest as string | undefined);
    }
  }
  for (const row of rows<Row>("TestDomainAndPath", "tests")) {
    const { domain, path } = splitReference(String(row.input));
    expect([domain ?? "", path]).toEqual([String(row.domain), String(row.path)]);
  }
});

test("splitReference() and isDomain() accept what upstream's expressions accept", () => {
  for (const row of rows<Row>("TestDomainRegexp", "tests"))
    expect(isDomain(String(row.input)), String(row.input)).toBe(row.match as boolean);
  for (const row of rows<Row>("TestReferenceRegexp", "tests")) {
    const subs = row.subs as string[] | undefined;
    const parts = attempt(() => splitReference(String(row.input)));
    if (parts === undefined) continue;
    expect(row.match).toBe(true);
    const name = parts.domain === undefined ? parts.path : `${parts.domain}/${parts.path}`;
    if (subs !== undefined) expect([name, parts.tag ?? "", parts.digest ?? ""]).toEqual(subs);
  }
  for (const row of rows<Row>("TestFullNameRegexp", "tests")) {
    const parts = attempt(() => splitReference(String(row.input)));
    const named = parts !== undefined && parts.tag === undefined && parts.digest === undefined;
    expect(named, String(row.input)).toBe(row.match as boolean);
    const subs = row.subs as string[] | undefined;
    if (subs !== undefined) expect([parts?.domain ?? "", parts?.path ?? ""]).toEqual(subs);
  }
});

interface GoldenRow {
  input: string;
  parse?: string;
  parseError?: string;
  any?: string;
  anyError?: string;
  normalized?: {
    domain: string;
    path: string;
    familiar: string;
    familiarName: string;
    string: string;
    tagNameOnly: string;
  };
  normalizedError?: string;
}

function describeGolden(input: string): Record<string, unknown> {
  const parts = attempt(() => splitReference(input));
  const any = attempt(() => parseAnyReference(input));
  const normalized = attempt(() => parseReference(input));
  return {
    parse: parts !== undefined,
    any: any && ("digest" in any ? String(any.digest) : canonicalString(any.reference)),
    normalized: normalized && {
      domain: normalized.domain,
      path: normalized.path,
      familiar: familiarString(normalized),
      familiarName: familiarName(normalized),
      string: canonicalString(normalized),
      tagNameOnly: canonicalString(withDefaultTag(normalized)),
    },
  };
}

test("parseReference() answers the recorded strings as the reference library did", () => {
  const failures = load<GoldenRow[]>("golden.json").filter((row) => {
    const { tag: _tag, digest: _digest, ...normalized } = (row.normalized ?? {}) as Record<string, unknown>;
    const expected = {
      parse: row.parse !== undefined,
      any: row.any,
      normalized: row.normalized && normalized,
    };
    return !isDeepStrictEqual(describeGolden(row.input), expected);
  });
  expect(failures.map((row) => row.input)).toEqual([]);
});

test("parseReference() words its errors as Docker does", () => {
  const error = (text: string): string => {
    try {
      parseReference(text);
    } catch (caught) {
      return (caught as Error).message;
    }
    return "";
  };
  expect(error("App")).toBe("invalid reference format: repository name (library/App) must be lowercase");
  expect(error("a b")).toBe("invalid reference format");
  expect(error("")).toBe("invalid reference format");
});
