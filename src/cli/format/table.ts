import { cutToWidth, displayWidth, isPlain } from "./display-width.ts";

/** No column is narrower, whatever is in it. */
const narrowest = 10;
const gap = 3;

/**
 * Columns as Docker prints them: as wide as their widest cell and three spaces, at least ten, the last one ragged.
 * Pure.
 */
export function formatTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  // A list of a thousand lines is printed before anything of this was compiled: loops, and one look at all the text.
  const lines = [headers, ...rows];
  const measure = isPlain(lines.map((line) => line.join("")).join("")) ? lengthOf : displayWidth;
  const widths: number[] = [];
  for (const line of lines) {
    for (let column = 0; column < line.length - 1; column += 1) {
      const width = measure(line[column] ?? "") + gap;
      if (width > (widths[column] ?? 0)) widths[column] = Math.max(width, narrowest);
    }
  }
  let text = "";
  for (const line of lines) {
    for (let column = 0; column < line.length - 1; column += 1) {
      const cell = line[column] ?? "";
      text += cell.padEnd((widths[column] ?? 0) + cell.length - measure(cell));
    }
    text += `${line.at(-1) ?? ""}\n`;
  }
  return text;
}

function lengthOf(text: string): number {
  return text.length;
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
