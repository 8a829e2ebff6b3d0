/** Columns as Docker prints them: as wide as their widest cell, three spaces apart, the last one ragged. Pure. */
export function formatTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headers, ...rows];
  const widths = headers.map((_, column) =>
    Math.max(...lines.map((line) => displayWidth(line[column] ?? ""))),
  );
  const format = (line: readonly string[]) =>
    line
      .map((cell, column) => (column === line.length - 1 ? cell : pad(cell, (widths[column] ?? 0) + 3)))
      .join("");
  return lines.map((line) => `${format(line)}\n`).join("");
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - displayWidth(cell)));
}

function displayWidth(text: string): number {
  return [...text].length;
}

/** At most `max` characters, the last one `…` when something was cut. */
export function ellipsis(text: string, max: number): string {
  const characters = [...text];
  return characters.length <= max ? text : `${characters.slice(0, max - 1).join("")}…`;
}

/** An ID without its algorithm, twelve characters. */
export function shortId(id: string): string {
  return id.slice(id.indexOf(":") + 1).slice(0, 12);
}
