import { useSignal } from "@preact/signals";
import type { ImageDiff, ImageFileChange } from "../../../../engine/types/image-layers.ts";
import type { ImageInspect, ImageSummary } from "../../../../engine/types/image.ts";
import { getJson } from "../../data/api.ts";
import { bytes, plural, shortId } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { DataTable, type Column } from "../../parts/data-table.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { DiffSummary } from "./diff-summary.tsx";
import { imageTitle } from "./image-names.ts";

/** This image beside another one. */
export function CompareTab({ image }: { readonly image: ImageInspect }) {
  const other = useSignal("");
  const images = useResource((signal) => getJson<ImageSummary[]>("/images/json", { signal }));
  const choices = (images.data.value ?? []).filter(({ Id }) => Id !== image.Id);
  return (
    <>
      <div class="log-tools">
        <label class="row" for="compare-with">
          <span class="soft">From</span>
          <select
            id="compare-with"
            class="input"
            style={{ width: "280px" }}
            value={other.value}
            onChange={(event) => (other.value = event.currentTarget.value)}
          >
            <option value="">choose another image…</option>
            {choices.map((choice) => (
              <option key={choice.Id} value={choice.Id}>
                {imageTitle(choice)} ({shortId(choice.Id)})
              </option>
            ))}
          </select>
        </label>
        <span class="soft">to {imageTitle(image)}</span>
      </div>
      {other.value === "" ? (
        <Empty icon="compare" title="What changed between two images?">
          <p>
            Choose the image to compare with: files, settings and the lines of the Dockerfile that made the
            difference.
          </p>
        </Empty>
      ) : (
        <Difference key={other.value} a={other.value} b={image.Id} />
      )}
    </>
  );
}

function Difference({ a, b }: { readonly a: string; readonly b: string }) {
  const filter = useSignal("");
  const diff = useResource(
    (signal) => getJson<ImageDiff>("/slipway/v1/images/diff", { query: { a, b }, signal }),
    {
      key: `${a} ${b}`,
    },
  );
  return (
    <Loaded of={diff}>
      {(data) => {
        const shown = data.Files.filter(({ Path }) =>
          Path.toLowerCase().includes(filter.value.toLowerCase()),
        );
        return (
          <>
            <DiffSummary diff={data} />
            <div class="log-tools">
              <h2 class="grow">{plural(data.Files.length, "file")} differ</h2>
              <SearchBox value={filter} label="Filter files" />
            </div>
            <DataTable
              label="Files that differ"
              rows={shown}
              columns={columns}
              rowKey={({ Path }) => Path}
              rowHeight={36}
            />
          </>
        );
      }}
    </Loaded>
  );
}

const looks = { added: ["+", "added"], changed: ["~", "changed"], removed: ["−", "removed"] } as const;

const columns: readonly Column<ImageFileChange>[] = [
  {
    key: "path",
    title: "File",
    width: "minmax(220px, 3fr)",
    sort: ({ Path }) => Path,
    render: ({ Path, Change }) => (
      <div class="row">
        <span class={`file-mark ${Change}`} aria-label={looks[Change][1]}>
          {looks[Change][0]}
        </span>
        <code class="clip" title={Path}>
          /{Path}
        </code>
      </div>
    ),
  },
  {
    key: "what",
    title: "What",
    width: "minmax(110px, 1fr)",
    room: "middle",
    render: ({ Aspects, Change }) => <span class="soft">{Aspects.join(", ") || Change}</span>,
  },
  {
    key: "line",
    title: "Made by",
    width: "minmax(140px, 2fr)",
    room: "wide",
    render: ({ Line }) => (
      <code class="clip muted" style={{ display: "block" }} title={Line.CreatedBy}>
        {Line.CreatedBy}
      </code>
    ),
  },
  {
    key: "before",
    title: "Before",
    width: "84px",
    right: true,
    sort: ({ SizeA }) => SizeA,
    render: ({ SizeA, Change }) => (
      <span class="number muted">{Change === "added" ? "–" : bytes(SizeA)}</span>
    ),
  },
  {
    key: "after",
    title: "After",
    width: "84px",
    right: true,
    sort: ({ SizeB }) => SizeB,
    render: ({ SizeB, Change }) => <span class="number">{Change === "removed" ? "–" : bytes(SizeB)}</span>,
  },
];
