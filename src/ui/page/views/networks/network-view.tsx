import { useSignal } from "@preact/signals";
import type { ContainerSummary } from "../../../../engine/types/container.ts";
import type { NetworkInspect } from "../../../../engine/types/network.ts";
import { useApp } from "../../app/app.ts";
import { Link } from "../../app/link.tsx";
import { pagePath } from "../../app/router.ts";
import { ApiError, getJson, send } from "../../data/api.ts";
import { containerName, shortId } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { Button } from "../../parts/button.tsx";
import { Card, Pairs } from "../../parts/card.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Fact, View } from "../../parts/view.tsx";
import { When } from "../../parts/when.tsx";

/** One network: its addresses and who is on it. */
export function NetworkView({ id }: { readonly id: string }) {
  const app = useApp();
  const one = useResource(
    (signal) => getJson<NetworkInspect>(`/networks/${encodeURIComponent(id)}`, { signal }),
    {
      key: id,
      changes: ({ Type, Actor }) => Type === "network" && Actor.ID === id,
    },
  );
  const data = one.data.value;
  const crumb = { to: "/networks", title: "Networks" };
  if (one.error.value instanceof ApiError && one.error.value.status === 404)
    return (
      <View title="Network" crumb={crumb}>
        <Empty icon="networks" title="This network is gone">
          <Link to="/networks">All networks</Link>
        </Empty>
      </View>
    );
  const connect = () => (app.dialog.value = <Connect network={id} onDone={one.refresh} />);
  return (
    <View
      title={data?.Name ?? shortId(id)}
      crumb={crumb}
      facts={
        data && (
          <>
            <Fact name="driver">{data.Driver}</Fact>
            <Fact name="created">
              <When at={Date.parse(data.Created)} />
            </Fact>
            <Fact name="id">
              <code>{shortId(data.Id)}</code>
            </Fact>
          </>
        )
      }
      tools={
        data &&
        !app.readOnly && (
          <Button icon="plus" onClick={connect}>
            Connect a container
          </Button>
        )
      }
    >
      <Loaded of={one}>{(network) => <Cards of={network} onChange={one.refresh} />}</Loaded>
    </View>
  );
}

function Cards({ of, onChange }: { readonly of: NetworkInspect; readonly onChange: () => void }) {
  const app = useApp();
  const disconnect = (container: string, name: string) =>
    app.attempt(async () => {
      await send("POST", `/networks/${of.Id}/disconnect`, { json: { Container: container, Force: false } });
      onChange();
    }, `${name} disconnected`);
  return (
    <div class="scroll">
      <div class="cards">
        <Card title="Containers on it">
          {Object.keys(of.Containers).length === 0 && <p class="muted">None that runs.</p>}
          <ul class="stack">
            {Object.entries(of.Containers).map(([id, { Name, IPv4Address, IPv6Address }]) => (
              <li key={id} class="row">
                <span class="grow two-lines">
                  <Link to={pagePath("containers", id)}>{Name}</Link>
                  <span class="second mono">{[IPv4Address, IPv6Address].filter(Boolean).join(", ")}</span>
                </span>
                {!app.readOnly && (
                  <Button small onClick={() => disconnect(id, Name)}>
                    Disconnect
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Card>
        <Card title="Addresses">
          <Pairs
            pairs={of.IPAM.Config.flatMap(({ Subnet, Gateway }) => [
              ["Subnet", <code key="s">{Subnet ?? "–"}</code>] as const,
              ["Gateway", <code key="g">{Gateway ?? "–"}</code>] as const,
            ])}
            empty="It has none of its own."
          />
        </Card>
        <Card title="Options">
          <Pairs pairs={Object.entries(of.Options ?? {})} empty="None." mono />
        </Card>
        <Card title="Labels">
          <Pairs pairs={Object.entries(of.Labels ?? {})} empty="None." mono />
        </Card>
      </div>
    </div>
  );
}

function Connect({ network, onDone }: { readonly network: string; readonly onDone: () => void }) {
  const app = useApp();
  const chosen = useSignal("");
  const list = useResource((signal) =>
    getJson<ContainerSummary[]>("/containers/json", { query: { all: true }, signal }),
  );
  const connect = async () => {
    await send("POST", `/networks/${network}/connect`, { json: { Container: chosen.value } });
    app.tell("ok", "Connected");
    onDone();
  };
  return (
    <Dialog
      title="Connect a container"
      action="Connect"
      disabled={chosen.value === ""}
      onClose={app.closeDialog}
      onSubmit={connect}
    >
      <div class="field">
        <label class="field-label" for="connect-container">
          Container
        </label>
        <select
          id="connect-container"
          class="input"
          value={chosen.value}
          onChange={(event) => (chosen.value = event.currentTarget.value)}
        >
          <option value="">choose…</option>
          {(list.data.value ?? []).map(({ Id, Names }) => (
            <option key={Id} value={Id}>
              {containerName(Names, Id)}
            </option>
          ))}
        </select>
      </div>
    </Dialog>
  );
}
