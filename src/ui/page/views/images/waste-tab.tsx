import { useSignal } from "@preact/signals";
import type { ImageLayers, WastedFileItem } from "../../../../engine/types/image-layers.ts";
import { bytes } from "../../data/format.ts";
import { DataTable, type Column } from "../../parts/data-table.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { Empty } from "../../parts/states.tsx";

const columns: readonly Column<WastedFileItem>[] = [
  {
    key: "path",
    title: "File",
    width: "minmax(200px, 4fr)",
    sort: ({ Path }) => Path,
    render: ({ Path }) => (
      <code class="clip" style={{ display: "block" }} title={Path}>
        /{Path}
      </code>
    ),
  },
  {
    key: "layer",
    title: "Brought by layer",
    width: "130px",
    sort: ({ Layer }) => Layer,
    render: ({ Layer }) => Layer,
  },
  {
    key: "by",
    title: "Hidden by layer",
    width: "130px",
    sort: ({ HiddenBy }) => HiddenBy,
    render: ({ HiddenBy }) => HiddenBy,
  },
  {
    key: "size",
    title: "Size",
    width: "100px",
    right: true,
    sort: ({ Size }) => Size,
    render: ({ Size }) => <span class="number">{bytes(Size)}</span>,
  },
];

/** Files that a later layer replaced or deleted: they travel with the image, and no one sees them. */
export function WasteTab({ layers }: { readonly layers: ImageLayers }) {
  const filter = useSignal("");
  if (layers.WastedFiles.length === 0)
    return (
      <Empty icon="check" title="Nothing is wasted">
        <p>No layer replaces or deletes a file of the layers below it.</p>
      </Empty>
    );
  const shown = layers.WastedFiles.filter(({ Path }) =>
    Path.toLowerCase().includes(filter.value.toLowerCase()),
  );
  return (
    <>
      <div class="log-tools">
        <p class="soft grow">
          {bytes(layers.Wasted)} travel with the image and are never seen: a later layer replaced or deleted
          them. Delete a file in the RUN that made it.
        </p>
        <SearchBox value={filter} label="Filter files" />
      </div>
      <DataTable
        label="Wasted files"
        rows={shown}
        columns={columns}
        rowKey={({ Path, Layer }) => `${Layer} ${Path}`}
        rowHeight={36}
        sorting={{ key: "size", descending: true }}
      />
    </>
  );
}
