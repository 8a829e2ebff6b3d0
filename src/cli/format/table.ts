import { cutToWidth, displayWidth } from "./display-width.ts";

/** No column is narrower, whatever is in it. */
const narrowest = 10;
const gap = 3;

/**
 * Columns as Docker prints them: as wide as their widest cell and three spaces, at least ten, the last one ragged.
 * Pure.
 */
export function formatTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headers, ...rows];
  const count = Math.max(...lines.map((line) => line.length));
  const widths = Array.from({ length: count }, (_, column) => columnWidth(lines, column));
  const format = (line: readonly string[]) =>
    line.map((cell, column) => (column === line.length - 1 ? cell : pad(cell, widths[column] ?? 0))).join("");
  return lines.map((line) => `${format(line)}\n`).join("");
}

/** The last cell of a line is of no column. */
function columnWidth(lines: readonly (readonly string[])[], column: number): number {
  const cells = lines.filter((line) => column < line.length - 1).map((line) => line[column] ?? "");
  return Math.max(narrowest, ...cells.map((cell) => displayWidth(cell) + gap));
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - displayWidth(cell)));
}

/** At most `max` cells of a terminal, `…` at the end when something was cut; one cell has no room for it. Pure. */
export function ellipsis(text: string, max: number): string {
  if (max <= 0) return "";
  if (max === 1) return [...text][0] ?? "";
  return cutToWidth(text, max);
}

/** An ID without its algorithm, twelve characters. */
export function shortId(id: string): string {
  return id.slice(id.indexOf(":") + 1).slice(0, 12);
}
