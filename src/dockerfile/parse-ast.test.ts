import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { argumentsOf, type AstNode } from "./ast.ts";
import { dumpAst } from "./dump-ast.ts";
import { heredocsOfLine, parseHeredocWord } from "./heredoc.ts";
import { parseStringArray } from "./line-parsers.ts";
import { parseAst } from "./parse-ast.ts";
import { splitWords } from "./split-words.ts";

const data = new URL("../../test/data/dockerfile/", import.meta.url);

function read(name: string): string {
  return readFileSync(new URL(name, data), "utf8");
}

function rows<T>(func: string, variable: string): T {
  const tables = Object.values(
    JSON.parse(read("dockerfile_parser.json")) as Record<
      string,
      { func: string; var: string; rows: unknown }[]
    >,
  ).flat();
  return tables.find((table) => table.func === func && table.var === variable)?.rows as T;
}

test("dumpAst() prints BuildKit's expected dump of every test file", () => {
  const cases = readdirSync(new URL("testfiles/", data));
  expect(cases.length).toBe(33);
  for (const name of cases)
    expect(dumpAst(parseAst(read(`testfiles/${name}/Dockerfile`)).ast), name).toBe(
      read(`testfiles/${name}/result`).trimEnd(),
    );
});

test("parseAst() refuses BuildKit's negative test files", () => {
  const cases = ["empty_dockerfile", "env_no_value", "only_comments", "shykes-nested-json"];
  for (const name of cases) {
    const file = `testfiles-negative/${name}/Dockerfile`;
    const text = existsSync(new URL(file, data)) ? read(file) : "";
    expect(() => parseAst(text, { filename: name }), name).toThrow(new RegExp(`^${name}:\\d+: `));
  }
});

test("parseAst() knows the lines of every instruction", () => {
  const { ast } = parseAst(read("testfile-line/Dockerfile"));
  expect(ast.children.map(({ location }) => [location.startLine, location.endLine])).toEqual([
    [5, 5],
    [11, 12],
    [17, 31],
  ]);
});

interface GoldenNode {
  value: string;
  args?: string[] | null;
  original: string;
  start: number;
  end: number;
  flags?: string[];
  prevComment?: string[];
  attributes?: { json?: boolean };
  child?: GoldenNode;
  heredocs?: { name: string; content: string; expand: boolean; chomp: boolean; fd: number }[];
}

interface GoldenRow {
  id: string;
  dockerfile: string;
  escape?: string;
  syntax?: string;
  ast?: GoldenNode[];
  dump?: string;
  parseError?: string;
  parseWarnings?: unknown[];
}

function toGolden(node: AstNode, nested = false): GoldenNode {
  const [trigger] = node.next?.children ?? [];
  return {
    value: node.value,
    original: node.original,
    start: nested ? 0 : node.location.startLine,
    end: nested ? 0 : node.location.endLine,
    args: trigger === undefined ? [...argumentsOf(node)] : [""],
    ...(node.flags.length > 0 && { flags: [...node.flags] }),
    ...(node.comments.length > 0 && { prevComment: [...node.comments] }),
    ...(node.json && { attributes: { json: true } }),
    ...(trigger !== undefined && { child: toGolden(trigger, true) }),
    ...(node.heredocs.length > 0 && {
      heredocs: node.heredocs.map(({ fileDescriptor, ...heredoc }) => ({ ...heredoc, fd: fileDescriptor })),
    }),
  };
}

function answer(row: GoldenRow): unknown {
  try {
    const { ast, directives, warnings } = parseAst(row.dockerfile);
    return {
      ast: ast.children.map((child) => toGolden(child)),
      dump: dumpAst(ast),
      escape: directives.escape,
      warnings: warnings.length,
    };
  } catch {
    return "error";
  }
}

test("parseAst() reads public Dockerfiles into the tree BuildKit recorded", () => {
  const golden = read("dockerfiles.jsonl").trimEnd().split("\n");
  const failures: unknown[] = [];
  for (const line of golden) {
    const row = JSON.parse(line) as GoldenRow;
    const expected =
      row.parseError === undefined
        ? {
            ast: row.ast?.map((node) => ({ ...node, args: node.args ?? [] })),
            dump: row.dump,
            escape: row.escape ?? "\\",
            warnings: row.parseWarnings?.length ?? 0,
          }
        : "error";
    if (!isDeepStrictEqual(answer(row), expected)) failures.push(row.id);
  }
  expect(golden.length).toBe(696);
  expect(failures).toEqual([]);
});

test("parseHeredocWord() takes and refuses BuildKit's words", () => {
  const table = "TestParseHeredocHelpers";
  for (const word of rows<string[]>(table, "validHeredocs"))
    expect(parseHeredocWord(word)?.name, word).toBe("EOF");
  for (const word of rows<string[]>(table, "invalidHeredocs"))
    expect(() => parseHeredocWord(word), word).toThrow();
  for (const word of rows<string[]>(table, "notHeredocs"))
    expect(parseHeredocWord(word), word).toBeUndefined();
});

test("heredocsOfLine() finds the documents of a line", () => {
  const table = rows<{ line: string; heredocNames: string[] | null }[]>("TestHeredocsFromLine", "srcs");
  for (const { line, heredocNames } of table)
    expect(
      heredocsOfLine(line).map(({ name }) => name),
      line,
    ).toEqual(heredocNames ?? []);
});

test("splitWords() and parseStringArray() answer BuildKit's tables", () => {
  for (const { input, expect: words } of rows<{ input: string[]; expect: string[] }[]>(
    "TestParseWords",
    "tests",
  ))
    expect(splitWords(input[0] ?? "", "\\")).toEqual(words);
  for (const text of rows<string[]>("", "invalidJSONArraysOfStrings"))
    expect(() => parseStringArray(text), text).toThrow();
  for (const [text, array] of Object.entries(rows<Record<string, string[]>>("", "validJSONArraysOfStrings")))
    expect(parseStringArray(text), text).toEqual(array);
});

test("parseAst() refuses a heredoc without its end and a directive given twice", () => {
  expect(() => parseAst("FROM a\nRUN <<EOF\nx\n")).toThrow("Dockerfile:2: unterminated heredoc");
  expect(() => parseAst("# escape=`\n# escape=\\\nFROM a\n")).toThrow("only one escape parser directive");
  expect(() => parseAst("# escape=x\nFROM a\n")).toThrow("invalid ESCAPE 'x'");
});

test("parseAst() stays fast and whole on files made to exhaust it", () => {
  const started = performance.now();
  const blanks = " ".repeat(300_000);
  parseAst(
    `FROM a${blanks}b\nRUN x${blanks}\\x\nRUN ${"\r".repeat(300_000)}y\nRUN z${"\t".repeat(300_000)}y\n`,
  );
  expect(() => parseAst("ONBUILD ".repeat(100_000))).toThrow("Chaining ONBUILD");
  expect(() => parseAst(`CMD ${"[".repeat(300_000)}`)).not.toThrow();
  expect(performance.now() - started).toBeLessThan(2000);
});
