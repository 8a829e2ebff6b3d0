import { useSignal } from "@preact/signals";
import type { EngineEvent } from "../../../../engine/types/event.ts";
import { useApp } from "../../app/app.ts";
import { Link } from "../../app/link.tsx";
import { pagePath } from "../../app/router.ts";
import { clock, shortId } from "../../data/format.ts";
import { DataTable, type Column } from "../../parts/data-table.tsx";
import { Check } from "../../parts/field.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { Empty } from "../../parts/states.tsx";
import { View } from "../../parts/view.tsx";

const noun =
  "An event is something that happened in the engine: a container started or died, an image was tagged, a volume came or went.";

/** What happens, newest first: the last hour, and on from there. */
export function EventsView() {
  const { live } = useApp();
  const [filter, withExecs] = [useSignal(""), useSignal(false)];
  const wanted = filter.value.toLowerCase();
  const shown = live.events.value
    .filter(({ Action }) => withExecs.value || !Action.startsWith("exec_"))
    .filter((event) => textOf(event).includes(wanted))
    .toReversed();
  return (
    <View
      title="Events"
      count={shown.length}
      noun={noun}
      tools={
        <>
          <Check label="Also processes of execs and health checks" value={withExecs} />
          <SearchBox value={filter} label="Filter events" />
        </>
      }
    >
      {shown.length === 0 ? (
        <Empty icon="events" title="Nothing happened">
          <p>Neither in the last hour nor since. Run something: it shows up here at once.</p>
        </Empty>
      ) : (
        <DataTable label="Events" rows={shown} columns={columns} rowKey={keyOf} rowHeight={38} />
      )}
    </View>
  );
}

const keyOf = ({ timeNano, Action, Actor }: EngineEvent) => `${timeNano} ${Action} ${Actor.ID}`;

function textOf({ Type, Action, Actor }: EngineEvent): string {
  return [Type, Action, Actor.ID, ...Object.values(Actor.Attributes)].join("\n").toLowerCase();
}

const looks: Readonly<Record<string, string>> = {
  start: "ok",
  create: "info",
  die: "warn",
  oom: "bad",
  kill: "warn",
  destroy: "bad",
  delete: "bad",
  pull: "info",
};

const columns: readonly Column<EngineEvent>[] = [
  {
    key: "time",
    title: "Time",
    width: "150px",
    render: ({ time }) => <span class="number soft">{clock(time * 1000)}</span>,
  },
  {
    key: "action",
    title: "What",
    width: "minmax(140px, 1.3fr)",
    render: ({ Type, Action }) => (
      <span class="row" title={`${Type} ${Action}`}>
        <span class="muted">{Type}</span>
        <span class={`chip ${looks[Action] ?? ""}`}>
          <span class="clip">{Action}</span>
        </span>
      </span>
    ),
  },
  {
    key: "actor",
    title: "Of what",
    width: "minmax(150px, 1.4fr)",
    render: ({ Type, Actor: { ID, Attributes } }) => <Actor type={Type} id={ID} name={Attributes["name"]} />,
  },
  {
    key: "attributes",
    title: "More",
    width: "minmax(150px, 2fr)",
    room: "middle",
    render: ({ Actor: { Attributes } }) => {
      const text = Object.entries(Attributes)
        .filter(([key]) => key !== "name")
        .map(([key, value]) => `${key}=${value}`)
        .join("  ");
      return (
        <code class="clip muted" style={{ display: "block" }} title={text}>
          {text}
        </code>
      );
    },
  },
];

interface ActorProps {
  readonly type: EngineEvent["Type"];
  readonly id: string;
  readonly name: string | undefined;
}

function Actor({ type, id, name }: ActorProps) {
  const shown = name ?? (/^(sha256:)?[0-9a-f]{64}$/.test(id) ? shortId(id) : id);
  const place = { container: "containers", image: "images", network: "networks", volume: "volumes" }[
    type as string
  ];
  if (place === undefined || id === "") return <span class="clip">{shown}</span>;
  return (
    <Link class="clip" to={pagePath(place, id)} title={id}>
      {shown}
    </Link>
  );
}
