import { useSignal } from "@preact/signals";
import type { NetworkInspect } from "../../../../engine/types/network.ts";
import { useApp } from "../../app/app.ts";
import { Link } from "../../app/link.tsx";
import { pagePath } from "../../app/router.ts";
import { getJson, send } from "../../data/api.ts";
import { plural, shortId } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { Button, IconButton } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { DataTable, type Column } from "../../parts/data-table.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { Loaded } from "../../parts/states.tsx";
import { View } from "../../parts/view.tsx";
import { CreateNetwork } from "./create-network.tsx";

const noun =
  "A network is a switch of its own: containers on it reach each other by name, and nothing else reaches them but through published ports.";
const builtIn = new Set(["bridge", "host", "none"]);

/** All networks. */
export function NetworksView() {
  const app = useApp();
  const filter = useSignal("");
  const list = useResource((signal) => getJson<NetworkInspect[]>("/networks", { signal }), {
    changes: ({ Type }) => Type === "network",
  });
  const wanted = filter.value.toLowerCase();
  const shown = (list.data.value ?? []).filter(({ Name, Id }) =>
    `${Name} ${Id}`.toLowerCase().includes(wanted),
  );
  const create = () => (app.dialog.value = <CreateNetwork onDone={list.refresh} />);
  const remove = (network: NetworkInspect) =>
    (app.dialog.value = <RemoveNetwork network={network} onDone={list.refresh} />);
  return (
    <View
      title="Networks"
      count={list.data.value?.length}
      noun={noun}
      tools={
        <>
          <SearchBox value={filter} label="Filter networks" />
          {!app.readOnly && (
            <Button kind="primary" icon="plus" onClick={create}>
              Create
            </Button>
          )}
        </>
      }
    >
      <Loaded of={list}>
        {() => (
          <DataTable
            label="Networks"
            rows={shown}
            columns={columns(app.readOnly ? undefined : remove)}
            rowKey={({ Id }) => Id}
            onOpen={({ Id }) => app.router.go(pagePath("networks", Id))}
          />
        )}
      </Loaded>
    </View>
  );
}

function columns(remove: ((network: NetworkInspect) => void) | undefined): Column<NetworkInspect>[] {
  return [
    {
      key: "name",
      title: "Name",
      width: "minmax(150px, 2fr)",
      sort: ({ Name }) => Name,
      render: ({ Name, Id }) => (
        <div class="two-lines">
          <span class="strong clip">
            <Link to={pagePath("networks", Id)}>{Name}</Link>
          </span>
          <span class="second mono">{shortId(Id)}</span>
        </div>
      ),
    },
    {
      key: "driver",
      title: "Driver",
      width: "90px",
      room: "middle",
      sort: ({ Driver }) => Driver,
      render: ({ Driver }) => Driver,
    },
    {
      key: "subnet",
      title: "Subnet",
      width: "minmax(130px, 1.4fr)",
      render: ({ IPAM }) => (
        <span class="mono number">{IPAM.Config.map(({ Subnet }) => Subnet).join(", ") || "–"}</span>
      ),
    },
    {
      key: "kind",
      title: "Reach",
      width: "minmax(110px, 1fr)",
      room: "wide",
      render: ({ Internal }) =>
        Internal ? <span class="chip">internal only</span> : <span class="soft">outside too</span>,
    },
    {
      key: "used",
      title: "Used by",
      width: "130px",
      room: "middle",
      sort: ({ Containers }) => Object.keys(Containers).length,
      render: ({ Containers }) => {
        const count = Object.keys(Containers).length;
        return count === 0 ? <span class="muted">nothing</span> : plural(count, "container");
      },
    },
    {
      key: "actions",
      title: "Actions",
      width: "40px",
      right: true,
      render: (network) =>
        remove === undefined || builtIn.has(network.Name) ? null : (
          <IconButton
            icon="trash"
            kind="danger"
            label={`Remove ${network.Name}`}
            onClick={() => remove(network)}
          />
        ),
    },
  ];
}

interface RemoveNetworkProps {
  readonly network: NetworkInspect;
  readonly onDone: () => void;
}

export function RemoveNetwork({ network: { Name, Id }, onDone }: RemoveNetworkProps) {
  const app = useApp();
  const remove = async () => {
    await send("DELETE", `/networks/${Id}`);
    app.tell("ok", `${Name} removed`);
    onDone();
  };
  return (
    <Confirm title={`Remove ${Name}?`} action="Remove" onClose={app.closeDialog} work={remove}>
      Nothing that is connected to it may run.
    </Confirm>
  );
}
