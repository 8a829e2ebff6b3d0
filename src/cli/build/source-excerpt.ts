import { parseAst } from "../../dockerfile/parse-ast.ts";
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

/** Where the instruction ends: it may go on over several lines. A file that does not parse has but the one. */
function lastLine(text: string, line: number): number {
  try {
    const { children } = parseAst(text).ast;
    return children.find(({ location }) => location.startLine === line)?.location.endLine ?? line;
  } catch {
    return line;
  }
}
