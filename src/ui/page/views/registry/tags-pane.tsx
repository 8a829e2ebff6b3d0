import { useSignal } from "@preact/signals";
import { getJson } from "../../data/api.ts";
import { useResource } from "../../data/resource.ts";
import { DataTable, type Column } from "../../parts/data-table.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { Loaded } from "../../parts/states.tsx";
import { ManifestPane } from "./manifest-pane.tsx";

interface TagsPaneProps {
  readonly host: string;
  readonly repository: string;
  readonly insecure: boolean;
}

const columns: readonly Column<string>[] = [
  {
    key: "tag",
    title: "Tag",
    width: "1fr",
    sort: (tag) => tag,
    render: (tag) => <code class="clip">{tag}</code>,
  },
];

/** The tags of a repository, and the one that is chosen. */
export function TagsPane({ host, repository, insecure }: TagsPaneProps) {
  const name = `${host}/${repository}`;
  const [chosen, filter] = [useSignal<string | undefined>(undefined), useSignal("")];
  const tags = useResource((signal) =>
    getJson<{ Tags: string[] }>("/slipway/v1/registry/tags", { query: { name, insecure }, signal }),
  );
  return (
    <div class="pane">
      <div class="pane-head">
        <h2 class="grow clip" title={name}>
          {repository}
        </h2>
        <SearchBox value={filter} label="Filter tags" />
      </div>
      <Loaded of={tags}>
        {({ Tags }) => {
          const tag = chosen.value ?? (Tags.includes("latest") ? "latest" : Tags[0]);
          return (
            <div class="tags-split">
              <DataTable
                label={`Tags of ${repository}`}
                rows={Tags.filter((one) => one.includes(filter.value.trim()))}
                columns={columns}
                rowKey={(one) => one}
                rowHeight={36}
                chosen={tag ?? ""}
                onOpen={(one) => (chosen.value = one)}
              />
              {tag !== undefined && <ManifestPane key={tag} name={name} tag={tag} insecure={insecure} />}
            </div>
          );
        }}
      </Loaded>
    </div>
  );
}
