import type { ContainerInspect } from "../../../../engine/types/container.ts";
import { useApp } from "../../app/app.ts";
import { Link } from "../../app/link.tsx";
import { pagePath } from "../../app/router.ts";
import { ApiError, getJson } from "../../data/api.ts";
import { shortId } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { JsonText } from "../../parts/json-text.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Fact, View } from "../../parts/view.tsx";
import { ContainerActions } from "./container-actions.tsx";
import { StateDot } from "./container-state.tsx";
import { FilesTab } from "./files-tab.tsx";
import { LogsTab } from "./logs-tab.tsx";
import { Overview } from "./overview.tsx";
import { StatsTab } from "./stats-tab.tsx";
import { TerminalTab } from "./terminal-tab.tsx";

const tabs = [
  { key: "overview", title: "Overview" },
  { key: "logs", title: "Logs" },
  { key: "terminal", title: "Terminal" },
  { key: "stats", title: "Usage" },
  { key: "files", title: "Files" },
  { key: "inspect", title: "Inspect" },
];

/** One container. */
export function ContainerView({
  id,
  tab = "overview",
}: {
  readonly id: string;
  readonly tab: string | undefined;
}) {
  const { router } = useApp();
  const one = useResource(
    (signal) => getJson<ContainerInspect>(`/containers/${encodeURIComponent(id)}/json`, { signal }),
    {
      key: id,
      changes: ({ Type, Actor, Action }) =>
        Type === "container" && Actor.ID.startsWith(id) && !Action.startsWith("exec_"),
    },
  );
  if (one.error.value instanceof ApiError && one.error.value.status === 404) return <Gone />;
  const data = one.data.value;
  const name = data === undefined ? shortId(id) : data.Name.replace(/^\//, "");
  return (
    <View
      title={name}
      crumb={{ to: "/containers", title: "Containers" }}
      facts={data && <Facts of={data} />}
      tools={
        data && (
          <ContainerActions
            id={data.Id}
            name={name}
            state={data.State.Status}
            onRemoved={() => router.go("/containers")}
          />
        )
      }
    >
      <Loaded of={one}>
        {(container) => (
          <Tabs
            label="Parts of the container"
            tabs={tabs}
            current={tab}
            onChange={(key) => router.go(pagePath("containers", id, key), { replace: true })}
          >
            <Panel tab={tab} of={container} />
          </Tabs>
        )}
      </Loaded>
    </View>
  );
}

function Panel({ tab, of }: { readonly tab: string; readonly of: ContainerInspect }) {
  const name = of.Name.replace(/^\//, "");
  switch (tab) {
    case "inspect":
      return <JsonText value={of} />;
    case "logs":
      return <LogsTab id={of.Id} name={name} tty={of.Config.Tty === true} startedAt={of.State.StartedAt} />;
    case "terminal":
      return <TerminalTab id={of.Id} name={name} isRunning={of.State.Running} />;
    case "stats":
      return <StatsTab key={of.State.StartedAt} id={of.Id} isRunning={of.State.Running} />;
    case "files":
      return <FilesTab id={of.Id} />;
    default:
      return <Overview of={of} />;
  }
}

function Facts({ of }: { readonly of: ContainerInspect }) {
  const { State: state } = of;
  const failed = state.Status === "exited" && ![0, 130, 137, 143].includes(state.ExitCode);
  return (
    <>
      <StateDot state={state.Status} bad={failed || state.Health?.Status === "unhealthy"} />
      {state.Status === "exited" && <Fact name="exit code">{state.ExitCode}</Fact>}
      {state.Health !== undefined && state.Health.Status !== "none" && (
        <Fact name="health">{state.Health.Status}</Fact>
      )}
      <Fact name="image">
        <Link to={pagePath("images", of.Image)}>{of.Config.Image ?? shortId(of.Image)}</Link>
      </Fact>
      <Fact name="id">
        <code>{shortId(of.Id)}</code>
      </Fact>
    </>
  );
}

function Gone() {
  return (
    <View title="Container" crumb={{ to: "/containers", title: "Containers" }}>
      <Empty icon="containers" title="This container is gone">
        <p>It was removed, here or from elsewhere.</p>
        <Link to="/containers">All containers</Link>
      </Empty>
    </View>
  );
}
