import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { TableHead, type Sorting } from "./table-head.tsx";
import { useMedia } from "./use-media.ts";
import { useWindow } from "./use-window.ts";

export interface Column<T> {
  readonly key: string;
  readonly title: string;
  /** A track of the grid: `minmax(160px, 2fr)`. */
  readonly width: string;
  readonly render: (row: T) => ComponentChildren;
  /** What the column is sorted by; without it, it is not. */
  readonly sort?: (row: T) => string | number;
  readonly right?: boolean;
  /** Left out on narrow screens: `middle` on small ones, `wide` also on medium ones. */
  readonly room?: "middle" | "wide";
}

interface DataTableProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  /** What Enter and a click do. */
  readonly onOpen?: (row: T) => void;
  readonly rowHeight?: number;
  readonly sorting?: Sorting;
  readonly chosen?: string | undefined;
}

/** A list of any length: rows out of sight are not drawn. Arrow keys, Home, End and Page keys move, Enter opens. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { label, rows, rowKey, rowHeight = 54 } = props;
  const { columns, template } = useColumns(props.columns);
  const sorting = useSignal<Sorting | undefined>(props.sorting);
  const sorted = useMemo(
    () => sortRows(rows, props.columns, sorting.value),
    [rows, props.columns, sorting.value],
  );
  const [active, setActive] = useState(0);
  const { scroller, from, to, onScroll, reveal } = useWindow(sorted.length, rowHeight);
  // Quick fingers press Enter before the row they moved to is drawn.
  const current = useRef(0);
  const focusRow = (index: number) => {
    const at = Math.max(0, Math.min(sorted.length - 1, index));
    current.current = at;
    setActive(at);
    reveal(at);
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${at + 2}"]`)?.focus(),
    );
  };
  const onKey = (event: KeyboardEvent) => {
    const last = sorted.length - 1;
    const here = Math.min(current.current, last);
    const target = moveTo(event.key, here, Math.max(1, to - from - 20), last);
    const row = sorted[here];
    if (target !== undefined) focusRow(target);
    else if (event.key === "Enter" && row !== undefined && props.onOpen) props.onOpen(row);
    else return;
    event.preventDefault();
  };
  return (
    <div
      class="table"
      role="grid"
      aria-label={label}
      aria-rowcount={sorted.length + 1}
      aria-colcount={columns.length}
    >
      <TableHead columns={columns} template={template} sorting={sorting} />
      <div class="table-scroll" role="rowgroup" ref={scroller} onScroll={onScroll} data-rows>
        <div class="table-space" role="presentation" style={{ height: `${sorted.length * rowHeight}px` }}>
          {sorted.slice(from, to).map((row, offset) => (
            <Row
              key={rowKey(row)}
              row={row}
              index={from + offset}
              columns={columns}
              template={template}
              height={rowHeight}
              isActive={from + offset === Math.min(active, sorted.length - 1)}
              isChosen={props.chosen === undefined ? undefined : rowKey(row) === props.chosen}
              onOpen={props.onOpen}
              onKey={onKey}
              onFocus={() => {
                current.current = from + offset;
                setActive(from + offset);
              }}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface RowProps<T> {
  readonly row: T;
  readonly index: number;
  readonly columns: readonly Column<T>[];
  readonly template: string;
  readonly height: number;
  readonly isActive: boolean;
  readonly isChosen: boolean | undefined;
  readonly onOpen: ((row: T) => void) | undefined;
  readonly onKey: (event: KeyboardEvent) => void;
  readonly onFocus: () => void;
}

function Row<T>({ row, index, columns, template, height, onOpen, onKey, ...rest }: RowProps<T>) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target === event.currentTarget) onKey(event);
  };
  const open = (event: MouseEvent) => {
    const isControl = (event.target as Element).closest("a, button, input") !== null;
    if (!isControl && getSelection()?.isCollapsed !== false) onOpen?.(row);
  };
  return (
    <div
      class={`table-row${onOpen ? " opens" : ""}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={rest.isChosen}
      tabIndex={rest.isActive ? 0 : -1}
      style={{ gridTemplateColumns: template, height: `${height}px`, top: `${index * height}px` }}
      onKeyDown={onKeyDown}
      onClick={open}
      onFocus={rest.onFocus}
    >
      {columns.map((column) => (
        <div key={column.key} role="gridcell" class={`cell${column.right ? " right" : ""}`}>
          {column.render(row)}
        </div>
      ))}
    </div>
  );
}

/** Where a key leads from a row; undefined: nowhere. */
export function moveTo(key: string, index: number, page: number, last: number): number | undefined {
  const to = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    Home: 0,
    End: last,
    PageDown: index + page,
    PageUp: index - page,
  }[key];
  return to === undefined ? undefined : Math.max(0, Math.min(last, to));
}

/** What there is room for, and the tracks of it; on small screens names may be cut. */
function useColumns<T>(columns: readonly Column<T>[]): { columns: readonly Column<T>[]; template: string } {
  const [small, medium] = [useMedia("(max-width: 760px)"), useMedia("(max-width: 1080px)")];
  const shown = columns.filter(({ room }) => !(small && room !== undefined) && !(medium && room === "wide"));
  const widths = shown.map(({ width }) => (small ? width.replace(/^minmax\(\d+px/, "minmax(0") : width));
  return { columns: shown, template: widths.join(" ") };
}

function sortRows<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  sorting: Sorting | undefined,
): readonly T[] {
  const sort = columns.find(({ key }) => key === sorting?.key)?.sort;
  if (sort === undefined || sorting === undefined) return rows;
  const sign = sorting.descending ? -1 : 1;
  const keyed = rows.map((row) => ({ row, value: sort(row) }));
  keyed.sort((a, b) => sign * compare(a.value, b.value));
  return keyed.map(({ row }) => row);
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}
