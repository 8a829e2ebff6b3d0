import { useSignal } from "@preact/signals";
import type { DataUsage } from "../../../../engine/types/data-usage.ts";
import type { ImageSummary } from "../../../../engine/types/image.ts";
import { useApp } from "../../app/app.ts";
import { Link } from "../../app/link.tsx";
import { pagePath } from "../../app/router.ts";
import { getJson } from "../../data/api.ts";
import { bytes, plural, shortId } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { Button } from "../../parts/button.tsx";
import { DataTable, type Column } from "../../parts/data-table.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { View } from "../../parts/view.tsx";
import { When } from "../../parts/when.tsx";
import { ImageActions } from "./image-actions.tsx";
import { imageTitle } from "./image-names.ts";
import { PullDialog } from "./pull-dialog.tsx";

const noun =
  "An image is a finished file system with the command that starts it: layers stacked on each other, never changed.";

/** All images. */
export function ImagesView() {
  const app = useApp();
  const filter = useSignal("");
  const changes = {
    changes: ({ Type }: { Type: string }) => ["image", "container", "builder"].includes(Type),
  };
  const list = useResource((signal) => getJson<ImageSummary[]>("/images/json", { signal }), changes);
  // Sizes that images share take longer to count: the list does not wait for them.
  const usage = useResource(
    (signal) => getJson<DataUsage>("/system/df", { query: { type: "image" }, signal }),
    changes,
  );
  const rows = merged(list.data.value ?? [], usage.data.value?.Images ?? []);
  const wanted = filter.value.toLowerCase();
  const shown = rows.filter((row) =>
    [...(row.RepoTags ?? []), row.Id].join("\n").toLowerCase().includes(wanted),
  );
  return (
    <View
      title="Images"
      count={list.data.value?.length}
      noun={noun}
      tools={
        <>
          <SearchBox value={filter} label="Filter images" />
          {!app.readOnly && (
            <Button kind="primary" icon="download" onClick={() => (app.dialog.value = <PullDialog />)}>
              Pull
            </Button>
          )}
        </>
      }
    >
      <Loaded of={list}>
        {(all) =>
          all.length === 0 ? (
            <NoImages />
          ) : (
            <DataTable
              label={plural(shown.length, "image")}
              rows={shown}
              columns={columns}
              rowKey={({ Id }) => Id}
              onOpen={({ Id }) => app.router.go(pagePath("images", Id))}
            />
          )
        }
      </Loaded>
    </View>
  );
}

function merged(list: readonly ImageSummary[], counted: readonly ImageSummary[]): ImageSummary[] {
  const byId = new Map(counted.map((image) => [image.Id, image]));
  return list.map((image) => {
    const { SharedSize = image.SharedSize, Containers = image.Containers } = byId.get(image.Id) ?? {};
    return { ...image, SharedSize, Containers };
  });
}

const columns: readonly Column<ImageSummary>[] = [
  {
    key: "name",
    title: "Name",
    width: "minmax(180px, 3fr)",
    sort: imageTitle,
    render: (row) => (
      <div class="two-lines">
        <span class="strong clip">
          <Link to={pagePath("images", row.Id)}>{imageTitle(row)}</Link>
        </span>
        <Second of={row} />
      </div>
    ),
  },
  {
    key: "size",
    title: "Size",
    width: "90px",
    right: true,
    sort: ({ Size }) => Size,
    render: ({ Size }) => <span class="number">{bytes(Size)}</span>,
  },
  {
    key: "own",
    title: "Its own",
    width: "90px",
    right: true,
    room: "middle",
    sort: ({ Size, SharedSize }) => Size - Math.max(0, SharedSize),
    render: ({ Size, SharedSize }) => (
      <span class="number" title="What no other image has">
        {SharedSize < 0 ? "…" : bytes(Size - SharedSize)}
      </span>
    ),
  },
  {
    key: "shared",
    title: "Shared",
    width: "150px",
    room: "wide",
    sort: ({ SharedSize }) => SharedSize,
    render: (row) => <SharedBar of={row} />,
  },
  {
    key: "used",
    title: "Used by",
    width: "120px",
    room: "middle",
    sort: ({ Containers }) => Containers,
    render: ({ Containers }) =>
      Containers > 0 ? (
        <span>{plural(Containers, "container")}</span>
      ) : (
        <span class="muted">{Containers === 0 ? "nothing" : "…"}</span>
      ),
  },
  {
    key: "created",
    title: "Created",
    width: "130px",
    room: "wide",
    sort: ({ Created }) => -Created,
    render: ({ Created }) => <When at={Created * 1000} />,
  },
  {
    key: "actions",
    title: "Actions",
    width: "98px",
    right: true,
    render: (row) => <ImageActions id={row.Id} title={imageTitle(row)} tags={row.RepoTags ?? []} compact />,
  },
];

function Second({ of: { Id, RepoTags } }: { readonly of: ImageSummary }) {
  const more = (RepoTags ?? []).length - 1;
  return (
    <span class="second clip">
      {more < 0 ? "without a name" : <span class="mono">{shortId(Id)}</span>}
      {more > 0 && ` and ${plural(more, "more tag")}`}
    </span>
  );
}

function SharedBar({ of: { Size, SharedSize } }: { readonly of: ImageSummary }) {
  if (SharedSize < 0) return <span class="muted">…</span>;
  const part = Size === 0 ? 0 : SharedSize / Size;
  return (
    <div class="row">
      <div class="bar grow" aria-hidden="true">
        <span style={{ width: `${part * 100}%` }} />
      </div>
      <span class="number soft">{bytes(SharedSize)}</span>
    </div>
  );
}

function NoImages() {
  return (
    <Empty icon="images" title="No images yet">
      <p>Build one from a Dockerfile, or pull one from a registry:</p>
      <pre>slipway build -t my-app .</pre>
      <pre>slipway pull nginx</pre>
    </Empty>
  );
}
