import { useSignal } from "@preact/signals";
import type { ContainerSummary } from "../../../../engine/types/container.ts";
import { useApp } from "../../app/app.ts";
import { Link } from "../../app/link.tsx";
import { pagePath } from "../../app/router.ts";
import { getJson } from "../../data/api.ts";
import { containerName, plural, shortId } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { Button } from "../../parts/button.tsx";
import { DataTable, type Column } from "../../parts/data-table.tsx";
import { Check } from "../../parts/field.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { View } from "../../parts/view.tsx";
import { When } from "../../parts/when.tsx";
import { RunDialog } from "../images/run-dialog.tsx";
import { ContainerActions } from "./container-actions.tsx";
import { StateDot } from "./container-state.tsx";
import { Ports } from "./ports.tsx";

const noun =
  "A container is a process with a file system of its own, made from an image: a running copy that can be thrown away.";

/** All containers, live. */
export function ContainersView() {
  const app = useApp();
  const filter = useSignal("");
  const onlyRunning = useSignal(false);
  const list = useResource(
    (signal) => getJson<ContainerSummary[]>("/containers/json", { query: { all: true }, signal }),
    { changes: ({ Type, Action }) => Type === "container" && !Action.startsWith("exec_") },
  );
  const shown = (list.data.value ?? []).filter((row) => matches(row, filter.value, onlyRunning.value));
  return (
    <View
      title="Containers"
      count={list.data.value?.length}
      noun={noun}
      tools={
        <>
          <Check label="Running only" value={onlyRunning} />
          <SearchBox value={filter} label="Filter containers" />
          {!app.readOnly && (
            <Button kind="primary" icon="plus" onClick={() => (app.dialog.value = <RunDialog />)}>
              Run
            </Button>
          )}
        </>
      }
    >
      <Loaded of={list}>
        {(all) =>
          all.length === 0 ? (
            <NoContainers />
          ) : (
            <DataTable
              label={plural(shown.length, "container")}
              rows={shown}
              columns={columns}
              rowKey={({ Id }) => Id}
              onOpen={({ Id }) => app.router.go(pagePath("containers", Id))}
            />
          )
        }
      </Loaded>
    </View>
  );
}

const nameOf = ({ Names, Id }: ContainerSummary) => containerName(Names, Id);
const hasFailed = ({ State, Status }: ContainerSummary) =>
  (State === "exited" && !/^Exited \((0|143|137|130)\)/.test(Status)) || /\(unhealthy\)/.test(Status);

const columns: readonly Column<ContainerSummary>[] = [
  {
    key: "name",
    title: "Name",
    width: "minmax(150px, 1.6fr)",
    sort: nameOf,
    render: (row) => (
      <div class="two-lines">
        <span class="strong clip">
          <Link to={pagePath("containers", row.Id)}>{nameOf(row)}</Link>
        </span>
        <span class="second mono clip">{shortId(row.Id)}</span>
      </div>
    ),
  },
  {
    key: "state",
    title: "State",
    width: "minmax(130px, 1.5fr)",
    sort: ({ State }) => State,
    render: (row) => (
      <div class="two-lines">
        <StateDot state={row.State} bad={hasFailed(row)} />
        <span class="second clip" title={row.Status}>
          {row.Status}
        </span>
      </div>
    ),
  },
  {
    key: "image",
    title: "Image",
    width: "minmax(130px, 1.8fr)",
    room: "middle",
    sort: ({ Image }) => Image,
    render: (row) => (
      <div class="two-lines">
        <Link class="clip" to={pagePath("images", row.ImageID)} title={row.Image}>
          {row.Image}
        </Link>
        <span class="second mono clip">{row.Command}</span>
      </div>
    ),
  },
  {
    key: "ports",
    title: "Ports",
    width: "minmax(110px, 1fr)",
    room: "middle",
    render: (row) => <Ports ports={row.Ports} />,
  },
  {
    key: "created",
    title: "Created",
    width: "130px",
    room: "wide",
    sort: ({ Created }) => -Created,
    render: (row) => <When at={row.Created * 1000} />,
  },
  {
    key: "actions",
    title: "Actions",
    width: "98px",
    right: true,
    render: (row) => <ContainerActions id={row.Id} name={nameOf(row)} state={row.State} compact />,
  },
];

function matches(row: ContainerSummary, filter: string, onlyRunning: boolean): boolean {
  if (onlyRunning && row.State !== "running") return false;
  const text = [nameOf(row), row.Id, row.Image, row.State, ...Object.keys(row.Labels)]
    .join("\n")
    .toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function NoContainers() {
  return (
    <Empty icon="containers" title="No containers yet">
      <p>Run an image here, or from a terminal:</p>
      <pre>slipway run -d -p 8080:80 nginx</pre>
    </Empty>
  );
}
