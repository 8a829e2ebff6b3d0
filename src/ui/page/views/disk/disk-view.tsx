import { useSignal } from "@preact/signals";
import type { DiskCategoryUsage, DiskExplanation, DiskOwner } from "../../../../engine/types/disk.ts";
import { useApp } from "../../app/app.ts";
import { getJson } from "../../data/api.ts";
import { bytes, plural } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { Button } from "../../parts/button.tsx";
import { DataTable, type Column } from "../../parts/data-table.tsx";
import { PathBar } from "../../parts/path-bar.tsx";
import { Loaded } from "../../parts/states.tsx";
import { Treemap } from "../../parts/treemap.tsx";
import { Fact, View } from "../../parts/view.tsx";
import { PruneDialog } from "./prune-dialog.tsx";

const noun =
  "Every byte below the engine’s directory has an owner: an image, the cache of builds, a container, a volume. Here is who has how much, and what gives it back.";

const names: Readonly<Record<DiskCategoryUsage["Category"], string>> = {
  "image-layers": "Layers of images",
  "build-cache": "Cache of builds",
  containers: "Files of containers",
  logs: "Logs of containers",
  volumes: "Volumes",
  blobs: "Blobs, as pulled",
  ingest: "Transfers not finished",
  database: "Database",
  work: "Work space",
  unreferenced: "Nobody’s: goes soon",
  foreign: "Nothing of the engine’s",
  engine: "The engine’s own",
};

/** `df --explain`, to look at. */
export function DiskView() {
  const app = useApp();
  const disk = useResource((signal) => getJson<DiskExplanation>("/slipway/v1/system/explain", { signal }), {
    changes: ({ Type, Action }) =>
      (Type === "image" && Action !== "tag") || Action === "prune" || Action === "destroy",
  });
  const data = disk.data.value;
  const prune = () => (app.dialog.value = <PruneDialog onDone={disk.refresh} />);
  return (
    <View
      title="Disk"
      noun={noun}
      facts={
        data && (
          <>
            <Fact name="in all">
              <strong>{bytes(data.Total)}</strong>
            </Fact>
            <Fact name="files">{data.Inodes.toLocaleString("en")}</Fact>
            <Fact name="at">
              <code>{data.Root}</code>
            </Fact>
          </>
        )
      }
      tools={
        <>
          <Button icon="restart" onClick={disk.refresh}>
            Count again
          </Button>
          {!app.readOnly && (
            <Button kind="danger" icon="trash" onClick={prune}>
              Free space
            </Button>
          )}
        </>
      }
    >
      <Loaded of={disk}>{(explanation) => <Explained of={explanation} />}</Loaded>
    </View>
  );
}

function Explained({ of }: { readonly of: DiskExplanation }) {
  const opened = useSignal<string | undefined>(undefined);
  const category = of.Categories.find(({ Category }) => Category === opened.value);
  const hueOf = (wanted: string) => 1 + (of.Categories.findIndex(({ Category }) => Category === wanted) % 8);
  const items =
    category === undefined
      ? of.Categories.map(({ Category, Bytes }) => ({
          key: Category,
          name: names[Category],
          size: Bytes,
          text: bytes(Bytes),
          hue: hueOf(Category),
        }))
      : category.Owners.map(({ Owner, Bytes }, at) => ({
          key: `${at}`,
          name: Owner,
          size: Bytes,
          text: bytes(Bytes),
          hue: 1 + (at % 8),
        }));
  return (
    <div class="split disk-split">
      <div class="pane">
        <div class="pane-head">
          <PathBar
            parts={category === undefined ? [] : [names[category.Category]]}
            onGo={(depth) => depth === 0 && (opened.value = undefined)}
          />
        </div>
        <Treemap
          label="Who has how much"
          items={items}
          canOpen={() => category === undefined}
          onOpen={(key) => (opened.value = key)}
        />
      </div>
      {category === undefined ? (
        <DataTable
          label="By kind"
          rows={of.Categories}
          columns={categoryColumns(of.Total)}
          rowKey={({ Category }) => Category}
          onOpen={({ Category }) => (opened.value = Category)}
        />
      ) : (
        <Owners of={category} />
      )}
    </div>
  );
}

function categoryColumns(total: number): Column<DiskCategoryUsage>[] {
  return [
    {
      key: "name",
      title: "Kind",
      width: "minmax(170px, 3fr)",
      render: ({ Category, FreedBy }) => (
        <div class="two-lines">
          <span class="strong clip">{names[Category]}</span>
          <span class="second clip" title={FreedBy}>
            {FreedBy === "" ? "needed" : FreedBy}
          </span>
        </div>
      ),
    },
    {
      key: "part",
      title: "Part",
      width: "minmax(70px, 1fr)",
      render: ({ Bytes }) => (
        <div class="bar" aria-hidden="true">
          <span style={{ width: `${total === 0 ? 0 : (100 * Bytes) / total}%` }} />
        </div>
      ),
    },
    {
      key: "bytes",
      title: "Size",
      width: "86px",
      right: true,
      sort: ({ Bytes }) => Bytes,
      render: ({ Bytes }) => <span class="number">{bytes(Bytes)}</span>,
    },
  ];
}

const ownerColumns: readonly Column<DiskOwner>[] = [
  {
    key: "owner",
    title: "Owner",
    width: "minmax(170px, 3fr)",
    sort: ({ Owner }) => Owner,
    render: ({ Owner }) => (
      <span class="clip" style={{ display: "block" }} title={Owner}>
        {Owner}
      </span>
    ),
  },
  {
    key: "files",
    title: "Files",
    width: "80px",
    right: true,
    room: "middle",
    sort: ({ Inodes }) => Inodes,
    render: ({ Inodes }) => <span class="number soft">{Inodes.toLocaleString("en")}</span>,
  },
  {
    key: "bytes",
    title: "Size",
    width: "86px",
    right: true,
    sort: ({ Bytes }) => Bytes,
    render: ({ Bytes }) => <span class="number">{bytes(Bytes)}</span>,
  },
];

function Owners({ of: { Owners, Category, FreedBy } }: { readonly of: DiskCategoryUsage }) {
  return (
    <div class="view-body">
      <p class="soft" style={{ paddingBottom: "12px" }}>
        {names[Category]}: {plural(Owners.length, "owner")}.{" "}
        {FreedBy === "" ? "Nothing of it can be given back." : `Given back by: ${FreedBy}.`}
      </p>
      <DataTable
        label={`Owners of ${names[Category]}`}
        rows={Owners}
        columns={ownerColumns}
        rowKey={({ Owner }) => Owner}
        rowHeight={36}
      />
    </div>
  );
}
