import type { Signal } from "@preact/signals";
import type { Column } from "./data-table.tsx";

export interface Sorting {
  readonly key: string;
  readonly descending: boolean;
}

interface TableHeadProps<T> {
  readonly columns: readonly Column<T>[];
  readonly template: string;
  readonly sorting: Signal<Sorting | undefined>;
}

/** Titles; a click sorts, a second one turns the order round. */
export function TableHead<T>({ columns, template, sorting }: TableHeadProps<T>) {
  const toggle = (key: string) => {
    const now = sorting.value;
    sorting.value = { key, descending: now?.key === key ? !now.descending : false };
  };
  return (
    <div role="rowgroup">
      <div class="table-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
        {columns.map((column) => (
          <div
            key={column.key}
            role="columnheader"
            class={`cell${column.right ? " right" : ""}`}
            aria-sort={ariaSort(column.key, sorting.value)}
          >
            {column.sort === undefined ? (
              <span class={column.title === "Actions" ? "hidden-text" : ""}>{column.title}</span>
            ) : (
              <button type="button" class="sort" onClick={() => toggle(column.key)}>
                {column.title}
                <span class="arrow" aria-hidden="true">
                  {sorting.value?.key === column.key ? (sorting.value.descending ? "↓" : "↑") : ""}
                </span>
              </button>
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

function ariaSort(key: string, sorting: Sorting | undefined): "ascending" | "descending" | undefined {
  if (sorting?.key !== key) return undefined;
  return sorting.descending ? "descending" : "ascending";
}
