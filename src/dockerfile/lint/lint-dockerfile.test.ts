import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parsePlatform } from "../../oci/platform.ts";
import { parseReference } from "../../oci/reference.ts";
import { parseDockerignore } from "../dockerignore.ts";
import { parseDockerfile } from "../parse-dockerfile.ts";
import type { BaseImage, LintOptions } from "./lint-options.ts";
import { lintDockerfile, lintText } from "./lint-dockerfile.ts";
import { rules } from "./rule-table.ts";

interface Warning {
  RuleName: string;
  Description: string;
  URL: string;
  Detail: string;
  Line: number;
}

interface Row {
  test: string;
  line: number;
  Dockerfile: string;
  DockerIgnore?: string;
  Warnings?: Warning[];
  UnmarshalWarnings?: Warning[];
  BuildErr?: string;
  BuildErrLocation?: number;
  FrontendAttrs?: Record<string, string>;
}

const table = new URL("../../../test/data/dockerfile/buildkit_lint_checks.json", import.meta.url);
const rows = JSON.parse(readFileSync(table, "utf8")) as Row[];
const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

const options: LintOptions = {
  predefinedArgs: new Map(
    ["BUILD", "TARGET"].flatMap((prefix) => [
      [`${prefix}PLATFORM`, "linux/amd64"],
      [`${prefix}OS`, "linux"],
      [`${prefix}ARCH`, "amd64"],
      [`${prefix}VARIANT`, ""],
    ]),
  ),
  isImageName: (text) => succeeds(() => parseReference(text)),
  parsePlatform: (text) => (succeeds(() => parsePlatform(text)) ? parsePlatform(text) : undefined),
};

function optionsOf(row: Row): LintOptions {
  const stages = row.Dockerfile.split(/^\s*from\s/im).length - 1;
  const base: BaseImage = { env: [path] };
  const args = Object.entries(row.FrontendAttrs ?? {});
  return {
    ...options,
    bases: new Map(Array.from({ length: stages }, (_, index) => [index, base])),
    buildArgs: Object.fromEntries(args.map(([key, value]) => [key.replace(/^build-arg:/, ""), value])),
    ...(row.DockerIgnore !== undefined && { ignore: parseDockerignore(row.DockerIgnore) }),
  };
}

function shown(warnings: readonly Warning[]): string[] {
  return warnings.map((each) =>
    [each.RuleName, each.Line, each.Detail, each.Description, each.URL].join("|"),
  );
}

function lint(text: string, given: LintOptions, target?: number): string[] {
  const { diagnostics } = lintText(text, { ...given, ...(target !== undefined && { target }) });
  return diagnostics.map((each) =>
    [each.rule, each.location.startLine, each.detail, each.description, each.url].join("|"),
  );
}

test("lintText() gives the exact warnings of BuildKit's tables in a build", () => {
  let warnings = 0;
  for (const row of rows) {
    const lastStage = row.Dockerfile.split(/^\s*from\s/im).length - 2;
    const found = lint(row.Dockerfile, optionsOf(row), lastStage);
    // Findings of one line are in no certain order there.
    expect(found.toSorted(), `${row.test} ${row.line}`).toEqual(shown(row.Warnings ?? []).toSorted());
    warnings += found.length;
  }
  expect([rows.length, warnings]).toEqual([87, 65]);
});

test("lintText() without a target looks at every stage, as BuildKit's check does", () => {
  for (const row of rows.filter(({ UnmarshalWarnings }) => UnmarshalWarnings !== undefined)) {
    const withoutLine = (text: string): string => text.replace(/\|\d+\|/, "|");
    const found = lint(row.Dockerfile, optionsOf(row)).map(withoutLine);
    // One of the two rows names lines that its text does not have.
    expect(found).toEqual(shown(row.UnmarshalWarnings ?? []).map(withoutLine));
  }
});

test("lintText() fails where BuildKit does, in its words and at its line", () => {
  // What a build finds when it begins is not for the checks to say.
  for (const row of rows.filter(({ BuildErr }) => /^lint|parse error/.test(BuildErr ?? ""))) {
    const { error } = lintText(row.Dockerfile, optionsOf(row));
    expect(error?.reason).toBe(row.BuildErr ?? "");
    expect(error?.location.startLine).toBe(row.BuildErrLocation ?? 0);
  }
});

test("lintText() says only the error of a text that is no Dockerfile", () => {
  const { diagnostics, error } = lintText("FROM a as b\nENV x\n", options);
  expect(diagnostics).toEqual([]);
  expect(error?.reason).toBe("ENV must have two arguments");
});

test("rules: what each page of BuildKit's documentation shows", () => {
  const details = (text: string, more: Partial<LintOptions> = {}): string[] =>
    lintDockerfile(parseDockerfile(text), { ...options, ...more }).map(
      ({ rule, detail }) => `${rule}: ${detail}`,
    );
  const bases = new Map([
    [0, { env: ["PYTHON_VERSION=3"], platform: "windows/amd64", wantedPlatform: "linux/amd64" }],
  ]);
  expect(details("FROM python AS base\nARG VERSION=$PYTHON_VERSION\n", { bases })).toEqual([
    'InvalidBaseImagePlatform: Base image python was pulled with platform "windows/amd64", expected "linux/amd64" for current build',
  ]);
  const described =
    "# check=experimental=all\n# a comment\n\nFROM scratch AS base\n# another\n\nARG VERSION=1\n";
  expect(details(described)).toEqual([]);
  expect(details(described.replaceAll("\n\n", "\n"))).toHaveLength(2);
  // Nothing is known of the base: it may set PYTHON_VERSION.
  expect(details("FROM python AS base\nARG VERSION=$PYTHON_VERSION\n")).toEqual([]);
  expect(details('FROM alpine\nHEALTHCHECK CMD ["a"]\nCMD ["b"]\n')).toEqual([]);
  expect(
    details("FROM alpine\nCOPY --from=x a .\nADD https://h/a .\n", { ignore: parseDockerignore("*") }),
  ).toEqual([]);
  expect(details("FROM alpine\nCOPY /a .\n", { ignore: parseDockerignore("a") })).toHaveLength(1);
});

test("CopyIgnoredFile is told where no exception of .dockerignore may take something back in", () => {
  const found = (source: string, ignore: string): number =>
    lint(`FROM alpine\nCOPY ${source} /x\n`, { ...options, ignore: parseDockerignore(ignore) }).length;
  for (const ignore of ["sub\n!sub/b.txt", "sub\n!other.txt", "sub\n!no/pe", "!sub/b.txt\nsub"])
    expect([ignore, found("sub/a.txt", ignore)]).toEqual([ignore, 1]);
  for (const source of ["sub", ".", "sub/a.txt", "sub/*.txt"])
    expect([source, found(source, "sub\n!sub/a.txt")]).toEqual([source, 0]);
  expect(found("su.b", "su.b\n!su\\.b/keep.txt")).toBe(0);
  expect([found(".", "*"), found(".", ".*"), found(".", "**\n!Dockerfile")]).toEqual([1, 0, 0]);
});

test("lintDockerfile() stops following the build where it would fail", () => {
  const found = (text: string): string[] => lint(text, options).map((line) => line.replace(/\|.*/, ""));
  expect(found("ARG B\nFROM $B\nCMD x\n")).toEqual(["InvalidDefaultArgInFrom"]);
  expect(found('FROM a\nCMD x\nENV a="\nENV b c\n')).toEqual(["JSONArgsRecommended"]);
});

test("rules have names and pages of their own", () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  for (const { name, url } of rules) {
    const slug = name
      .replace(/^JSON/, "Json")
      .replace(/(?<=[a-z])(?=[A-Z])/g, "-")
      .toLowerCase();
    if (url !== undefined) expect(url).toBe(`https://docs.docker.com/go/dockerfile/rule/${slug}/`);
  }
});
