import type {
  AnswerLocation,
  BuildAnswer,
  CheckDocument,
  OutlineDocument,
  TargetsDocument,
} from "../../build/calls/build-answer.ts";
import { ExitError } from "../command.ts";
import { sanitizeLine } from "../progress/sanitize.ts";
import type { CallRequest } from "./build-call.ts";
import { dryRunText } from "./dry-run-text.ts";
import { sourceExcerpt } from "./source-excerpt.ts";

/**
 * An answer as buildx prints it, and the exit code that goes with it: 1 when a check found something. Throws
 * {@link ExitError} for a Dockerfile that would not build. Safe for a terminal. Pure.
 */
export function callReport(
  answer: BuildAnswer,
  { format, ignoresStatus }: CallRequest,
): { readonly text: string; readonly exitCode: number; readonly error?: ExitError } {
  const exitCode = answer.call === "check" && !ignoresStatus ? checkCode(answer.document) : 0;
  const error = answer.call === "check" ? buildError(answer.document) : undefined;
  const text = format === "json" ? `${JSON.stringify(answer.document, undefined, 2)}\n` : shown(answer);
  return { text, exitCode, ...(error !== undefined && { error }) };
}

function checkCode({ warnings, buildError: error }: CheckDocument): number {
  return warnings.length > 0 || error !== undefined ? 1 : 0;
}

function shown(answer: BuildAnswer): string {
  switch (answer.call) {
    case "check":
      return checkText(answer.document);
    case "outline":
      return outlineText(answer.document);
    case "targets":
      return targetsText(answer.document);
    case "dry-run":
      return dryRunText(answer.document);
  }
}

function checkText(document: CheckDocument): string {
  const { warnings, buildError: error } = document;
  if (warnings.length === 0) return error === undefined ? "Check complete, no warnings found.\n" : "";
  const count = warnings.length === 1 ? "1 warning has" : `${warnings.length} warnings have`;
  const parts = warnings.map(({ ruleName, url, detail, location }) => {
    const page = url === undefined ? "" : ` - ${url}`;
    return `\nWARNING: ${ruleName}${page}\n${sanitizeLine(detail)}\n${excerpt(document, location)}`;
  });
  return `Check complete, ${count} been found!\n${parts.join("")}${error === undefined ? "" : "\n"}`;
}

function buildError(document: CheckDocument): ExitError | undefined {
  const { buildError: error } = document;
  if (error === undefined) return undefined;
  const place = error.location === undefined ? "" : excerpt(document, error.location);
  const message = error.message
    .split("\n")
    .map((line) => sanitizeLine(line))
    .join("\n");
  return new ExitError(1, `ERROR: failed to build: ${message}\n${place}`.trimEnd());
}

function excerpt({ sources }: CheckDocument, location: AnswerLocation): string {
  const source = sources[location.sourceIndex ?? 0];
  const line = location.ranges[0]?.start.line;
  if (source === undefined || line === undefined) return "";
  const text = Buffer.from(source.data, "base64").toString("utf8");
  return sourceExcerpt({ name: source.filename, text }, line);
}

function outlineText(document: OutlineDocument): string {
  const { name, description, args = [], secrets = [], ssh = [] } = document;
  const head = [
    ["TARGET:", name === "" ? "(default)" : name],
    ...(description === undefined ? [] : [["DESCRIPTION:", description]]),
  ];
  const isNamed = name !== "" || description !== undefined;
  const required = ({ name: what, required: is }: { name: string; required?: boolean }): string[] => [
    what,
    is === true ? "true" : "",
  ];
  const tables = [
    isNamed ? head : [],
    table(
      ["BUILD ARG", "VALUE", "DESCRIPTION"],
      args.map((arg) => [arg.name, arg.value ?? "", arg.description ?? ""]),
    ),
    table(["SECRET", "REQUIRED"], secrets.map(required)),
    table(["SSH", "REQUIRED"], ssh.map(required)),
  ];
  return tables
    .filter((rows) => rows.length > 0)
    .map((rows) => `${aligned(rows)}\n`)
    .join("");
}

function targetsText({ targets }: TargetsDocument): string {
  const rows = targets.map(({ name, default: isDefault, description = "" }) => {
    const mark = isDefault === true ? "(default)" : "";
    return [[name ?? "", mark].filter(Boolean).join(" "), description];
  });
  return aligned([["TARGET", "DESCRIPTION"], ...rows]);
}

function table(head: string[], rows: string[][]): string[][] {
  return rows.length === 0 ? [] : [head, ...rows];
}

/** Columns three blanks apart. */
function aligned(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map((cell) => sanitizeLine(cell)));
  const widths = clean[0]?.map((_, at) => Math.max(...clean.map((row) => (row[at] ?? "").length))) ?? [];
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd((widths[at] ?? 0) + 3))).join("");
  return clean.map((row) => `${line(row).trimEnd()}\n`).join("");
}
