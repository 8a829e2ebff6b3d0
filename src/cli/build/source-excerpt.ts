import { parseAst } from "../../dockerfile/parse-ast.ts";
import { canonicalString, parseReference, withDefaultTag } from "../../oci/reference.ts";
import { sanitizeLine } from "../progress/sanitize.ts";

/** Lines shown before and after an instruction. */
const around = 2;

/**
 * The Dockerfile around the instruction that starts at `line` (1-based), its own lines marked with `>>>`. Empty when
 * there is no such line. Pure.
 */
export function sourceExcerpt(file: { readonly name: string; readonly text: string }, line: number): string {
  const lines = file.text.split(/\r?\n/);
  if (line < 1 || line > lines.length) return "";
  const last = lastLine(file.text, line);
  const from = Math.max(1, line - around);
  const to = Math.min(lines.length, last + around);
  const rule = "-".repeat(20);
  const shown = lines.slice(from - 1, to).map((text, index) => {
    const number = from + index;
    const mark = number >= line && number <= last ? ">>>" : "   ";
    return ` ${String(number).padStart(3)} | ${mark} ${sanitizeLine(text)}`;
  });
  return `${sanitizeLine(file.name)}:${line}\n${rule}\n${shown.join("\n")}\n${rule}\n`;
}

/** The FROM of the image that the step `[internal] load metadata for IMAGE` looked for, when it names it literally. */
export function lineOfBase(text: string, step: string): number | undefined {
  const image = step.split("load metadata for ")[1];
  if (image === undefined) return undefined;
  try {
    const froms = parseAst(text).ast.children.filter(({ value }) => /^from$/i.test(value));
    return froms.find(({ next }) => canonical(next?.value ?? "") === image)?.location.startLine;
  } catch {
    return undefined;
  }
}

function canonical(name: string): string | undefined {
  try {
    return canonicalString(withDefaultTag(parseReference(name)));
  } catch {
    return undefined;
  }
}

/** Where the instruction ends: it may go on over several lines. A file that does not parse has but the one. */
function lastLine(text: string, line: number): number {
  try {
    const { children } = parseAst(text).ast;
    return children.find(({ location }) => location.startLine === line)?.location.endLine ?? line;
  } catch {
    return line;
  }
}
