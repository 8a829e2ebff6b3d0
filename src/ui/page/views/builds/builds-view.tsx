import { useSignal, useSignalEffect } from "@preact/signals";
import type { BuildRecord, RunningBuild } from "../../../../engine/engine.ts";
import { useApp } from "../../app/app.ts";
import { Link } from "../../app/link.tsx";
import { pagePath } from "../../app/router.ts";
import { getJson } from "../../data/api.ts";
import { duration } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { DataTable, type Column } from "../../parts/data-table.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { View } from "../../parts/view.tsx";
import { When } from "../../parts/when.tsx";
import { familiar } from "../images/image-names.ts";
import { BuildDuration, HitsBar, Outcome } from "./build-cells.tsx";
import { useRunning } from "./use-running.ts";

const noun =
  "A build makes an image out of a Dockerfile, step by step; a step whose ingredients are the same as before is a hit, and is not done again.";

export type BuildRow = (BuildRecord & { readonly running?: undefined }) | { readonly running: RunningBuild };

/** Builds: those that run, and those that have ended. */
export function BuildsView() {
  const app = useApp();
  const filter = useSignal("");
  const running = useRunning();
  const past = useResource((signal) => getJson<BuildRecord[]>("/slipway/v1/builds", { signal }));
  // A build that is no longer running has a record now.
  useSignalEffect(() => void [running.value, setTimeout(past.refresh)]);
  const live = running.value.map((build): BuildRow => ({ running: build }));
  const rows = [...live, ...(past.data.value ?? [])].filter((row) =>
    textOf(row).includes(filter.value.toLowerCase()),
  );
  return (
    <View
      title="Builds"
      count={past.data.value === undefined ? undefined : past.data.value.length + live.length}
      noun={noun}
      tools={<SearchBox value={filter} label="Filter builds" />}
    >
      <Loaded of={past}>
        {(all) =>
          all.length + live.length === 0 ? (
            <Empty icon="builds" title="No builds yet">
              <p>What is built from any terminal shows up here while it runs:</p>
              <pre>slipway build -t my-app .</pre>
            </Empty>
          ) : (
            <DataTable
              label="Builds"
              rows={rows}
              columns={columns(all)}
              rowKey={idOf}
              onOpen={(row) => app.router.go(pagePath("builds", idOf(row)))}
            />
          )
        }
      </Loaded>
    </View>
  );
}

const idOf = (row: BuildRow) => (row.running ?? row).id;
const tagsOf = (row: BuildRow) => (row.running ?? row).tags.map(familiar);

function textOf(row: BuildRow): string {
  return [idOf(row), ...tagsOf(row), row.running === undefined ? row.project : ""].join("\n").toLowerCase();
}

/** What a build is called: its tags, or the directory it was made of. */
export function buildTitle(tags: readonly string[], id: string): string {
  return tags.length > 0 ? tags.map(familiar).join(", ") : `build ${id.slice(0, 6)}`;
}

const columns = (all: readonly BuildRecord[]): Column<BuildRow>[] => [
  {
    key: "name",
    title: "Build",
    width: "minmax(170px, 2.4fr)",
    sort: (row) => buildTitle(tagsOf(row), idOf(row)),
    render: (row) => (
      <div class="two-lines">
        <span class="strong clip">
          <Link to={pagePath("builds", idOf(row))}>{buildTitle(tagsOf(row), idOf(row))}</Link>
        </span>
        <span class="second mono clip">{idOf(row)}</span>
      </div>
    ),
  },
  {
    key: "outcome",
    title: "Outcome",
    width: "minmax(110px, 1fr)",
    sort: (row) => row.running?.id ?? (row as BuildRecord).outcome,
    render: (row) => <Outcome outcome={row.running === undefined ? row.outcome : "running"} />,
  },
  {
    key: "steps",
    title: "Steps",
    width: "minmax(150px, 1.4fr)",
    room: "middle",
    render: (row) =>
      row.running === undefined ? <HitsBar steps={row.steps} /> : <span class="muted">…</span>,
  },
  {
    key: "duration",
    title: "Duration",
    width: "150px",
    sort: (row) => (row.running === undefined ? row.durationMs : 0),
    render: (row) =>
      row.running === undefined ? <BuildDuration of={row} all={all} /> : <Since at={row.running.startedAt} />,
  },
  {
    key: "when",
    title: "Started",
    width: "130px",
    room: "wide",
    sort: (row) => -(row.running ?? row).startedAt,
    render: (row) => <When at={(row.running ?? row).startedAt} />,
  },
];

function Since({ at }: { readonly at: number }) {
  const { now } = useApp();
  return <span class="number">{duration(Math.max(0, now.value - at))}</span>;
}
