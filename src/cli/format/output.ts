import { renderTemplate } from "./template.ts";
import { formatTable } from "./table.ts";

/** One column of a listing: its header, and the name a template calls it by. */
export interface Column<T> {
  readonly name: string;
  readonly header: string;
  readonly value: (row: T) => string;
}

/**
 * A listing by `--format`: empty or `table` for the usual columns, `table TEMPLATE` for chosen ones with headers,
 * `json` for one document a line, or a Go template for each row. `all`: everything a template can name. Pure.
 */
export function formatList<T>(
  format: string,
  rows: readonly T[],
  shown: readonly Column<T>[],
  all: readonly Column<T>[] = shown,
): string {
  if (format === "" || format === "table") {
    return formatTable(
      shown.map(({ header }) => header),
      rows.map((row) => shown.map(({ value }) => value(row))),
    );
  }
  const documents = rows.map((row) => Object.fromEntries(all.map(({ name, value }) => [name, value(row)])));
  if (format === "json") return documents.map((document) => `${JSON.stringify(document)}\n`).join("");
  if (!format.startsWith("table "))
    return documents.map((document) => `${renderTemplate(format, document)}\n`).join("");
  const template = format.slice("table ".length).replaceAll("\\t", "\t");
  const headers = Object.fromEntries(all.map(({ name, header }) => [name, header]));
  const lines = [headers, ...documents].map((document) => renderTemplate(template, document).split("\t"));
  const [head = [], ...body] = lines;
  return formatTable(head, body);
}
