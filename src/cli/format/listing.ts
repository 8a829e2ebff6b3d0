import { compileTemplate } from "./template.ts";
import { formatTable } from "./table.ts";
import { formatValue, type GoFunction } from "./template/values.ts";

/** One column of a listing: its header, and the name a template calls it by. */
export interface Column<T> {
  readonly name: string;
  readonly header: string;
  readonly value: (row: T) => unknown;
}

/** What a listing command can show of its rows. */
export interface Listing<T> {
  /** Everything a template can name. */
  readonly columns: readonly Column<T>[];
  /** Columns of the usual table, by name. */
  readonly shown: readonly string[];
  /** The column that `--quiet` shows alone. */
  readonly quiet: string;
  /** Template of the format `raw`, for each row; and with `--quiet`. */
  readonly raw?: string;
  readonly rawQuiet?: string;
  /** What a template can call with arguments: `{{.Label "a"}}`. */
  readonly methods?: (row: T) => Readonly<Record<string, GoFunction>>;
  /** `--quiet` counts, whatever the format. */
  readonly quietFirst?: boolean;
}

export interface ListFormat {
  readonly format: string;
  readonly quiet: boolean;
}

/**
 * A listing by `--format`: empty or `table` for the usual columns, `table TEMPLATE` for chosen ones with headers, `raw`,
 * `json` for one document a line, or a Go template for each row. Throws `TemplateError`. Pure.
 */
export function formatListing<T>(
  listing: Listing<T>,
  rows: readonly T[],
  { format, quiet }: ListFormat,
): string {
  const isTable = format === "" || format === "table";
  if (quiet && (isTable || listing.quietFirst === true) && format !== "raw")
    return rows.map((row) => `${cell(listing, listing.quiet, row)}\n`).join("");
  if (isTable) return usualTable(listing, rows);
  if (format === "raw" && listing.raw !== undefined)
    return eachRow(listing, rows, (quiet ? listing.rawQuiet : undefined) ?? listing.raw);
  if (format === "json") return eachRow(listing, rows, "{{json .}}");
  if (!format.startsWith("table")) return eachRow(listing, rows, unescaped(format));
  return templateTable(listing, rows, unescaped(format.slice("table".length)));
}

function usualTable<T>(listing: Listing<T>, rows: readonly T[]): string {
  const shown = listing.shown.flatMap((name) => column(listing, name) ?? []);
  const body: string[][] = [];
  for (const row of rows) {
    const line: string[] = [];
    for (const { value } of shown) line.push(formatValue(value(row)));
    body.push(line);
  }
  return formatTable(
    shown.map(({ header }) => header),
    body,
  );
}

function templateTable<T>(listing: Listing<T>, rows: readonly T[], template: string): string {
  const render = compileTemplate(template);
  const body = rows.map((row) => render(documentOf(listing, row)).split("\t"));
  const headers = listing.columns.map(({ name, header }) => [name, header] as const);
  const methods = Object.fromEntries(methodNames(listing).map((name) => [name, headerOfArgument] as const));
  const head = compileTemplate(template, { isHeader: true })({ ...Object.fromEntries(headers), ...methods });
  return formatTable(head.split("\t"), body);
}

function eachRow<T>(listing: Listing<T>, rows: readonly T[], template: string): string {
  const render = compileTemplate(template);
  return rows.map((row) => `${render(documentOf(listing, row))}\n`).join("");
}

/** What a template sees of a row: values are worked out when asked for. Sorted, as Go's maps are in JSON. */
function documentOf<T>({ columns, methods }: Listing<T>, row: T): object {
  const document: Record<string, unknown> = methods === undefined ? {} : { ...methods(row) };
  for (const { name, value } of columns.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    Object.defineProperty(document, name, { enumerable: true, get: () => value(row) });
  return document;
}

function methodNames<T>({ methods }: Listing<T>): readonly string[] {
  return methods === undefined ? [] : ["Label"];
}

/** The header of `{{.Label "com.example.some-thing"}}` is `some thing`. */
function headerOfArgument(...[name]: readonly unknown[]): string {
  return String(name).split(".").at(-1)?.replace(/[-_]/g, " ") ?? "";
}

function column<T>(listing: Listing<T>, name: string): Column<T> | undefined {
  return listing.columns.find((one) => one.name === name);
}

function cell<T>(listing: Listing<T>, name: string, row: T): string {
  return formatValue(column(listing, name)?.value(row));
}

/** On the command line `\t` and `\n` may stand for what they mean. */
function unescaped(format: string): string {
  return format
    .replace(/^ +| +$/g, "")
    .replaceAll("\\t", "\t")
    .replaceAll("\\n", "\n");
}
