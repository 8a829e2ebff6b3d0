import { useSignal } from "@preact/signals";
import type { ContainerSummary } from "../../../../engine/types/container.ts";
import type { DataUsage } from "../../../../engine/types/data-usage.ts";
import type { VolumeInspect } from "../../../../engine/types/volume.ts";
import { useApp } from "../../app/app.ts";
import { Link } from "../../app/link.tsx";
import { pagePath } from "../../app/router.ts";
import { getJson, send } from "../../data/api.ts";
import { bytes, containerName } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { Button, IconButton } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { DataTable, type Column } from "../../parts/data-table.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Field } from "../../parts/field.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { View } from "../../parts/view.tsx";
import { When } from "../../parts/when.tsx";

const noun =
  "A volume is a directory that outlives containers: what must not be lost when a container is thrown away lives there.";

interface VolumeRow extends VolumeInspect {
  /** bytes; undefined: not counted yet */
  readonly size: number | undefined;
  readonly users: readonly ContainerSummary[];
}

/** All volumes, and who uses them. */
export function VolumesView() {
  const app = useApp();
  const asked = app.router.segments.value[1] ?? "";
  const filter = useSignal(asked);
  const changes = { changes: ({ Type }: { Type: string }) => Type === "volume" || Type === "container" };
  const list = useResource(async (signal) => {
    const [{ Volumes }, containers] = await Promise.all([
      getJson<{ Volumes: VolumeInspect[] }>("/volumes", { signal }),
      getJson<ContainerSummary[]>("/containers/json", { query: { all: true }, signal }),
    ]);
    return { volumes: Volumes ?? [], containers };
  }, changes);
  const usage = useResource(
    (signal) => getJson<DataUsage>("/system/df", { query: { type: "volume" }, signal }),
    changes,
  );
  const rows = rowsOf(list.data.value, usage.data.value).filter(({ Name }) =>
    Name.toLowerCase().includes(filter.value.toLowerCase()),
  );
  const create = () => (app.dialog.value = <CreateVolume onDone={list.refresh} />);
  const remove = (row: VolumeRow) => (app.dialog.value = <RemoveVolume of={row} onDone={list.refresh} />);
  return (
    <View
      title="Volumes"
      count={list.data.value?.volumes.length}
      noun={noun}
      tools={
        <>
          <SearchBox value={filter} label="Filter volumes" />
          {!app.readOnly && (
            <Button kind="primary" icon="plus" onClick={create}>
              Create
            </Button>
          )}
        </>
      }
    >
      <Loaded of={list}>
        {({ volumes }) =>
          volumes.length === 0 ? (
            <Empty icon="volumes" title="No volumes yet">
              <p>A container gets one with:</p>
              <pre>slipway run -v data:/var/lib/data my-app</pre>
            </Empty>
          ) : (
            <DataTable
              label="Volumes"
              rows={rows}
              columns={columns(app.readOnly ? undefined : remove)}
              rowKey={({ Name }) => Name}
            />
          )
        }
      </Loaded>
    </View>
  );
}

function rowsOf(
  list: { volumes: readonly VolumeInspect[]; containers: readonly ContainerSummary[] } | undefined,
  usage: DataUsage | undefined,
): VolumeRow[] {
  const sizes = new Map((usage?.Volumes ?? []).map(({ Name, UsageData }) => [Name, UsageData?.Size]));
  return (list?.volumes ?? []).map((volume) => ({
    ...volume,
    size: sizes.get(volume.Name),
    users: (list?.containers ?? []).filter(({ Mounts }) => Mounts.some(({ Name }) => Name === volume.Name)),
  }));
}

function columns(remove: ((row: VolumeRow) => void) | undefined): Column<VolumeRow>[] {
  return [
    {
      key: "name",
      title: "Name",
      width: "minmax(180px, 2.4fr)",
      sort: ({ Name }) => Name,
      render: ({ Name, Mountpoint }) => (
        <div class="two-lines">
          <span class="strong clip" title={Name}>
            {Name}
          </span>
          <span class="second mono clip" title={Mountpoint}>
            {Mountpoint}
          </span>
        </div>
      ),
    },
    {
      key: "size",
      title: "Size",
      width: "90px",
      right: true,
      sort: ({ size }) => size ?? 0,
      render: ({ size }) => <span class="number">{size === undefined ? "…" : bytes(size)}</span>,
    },
    {
      key: "users",
      title: "Used by",
      width: "minmax(130px, 1.6fr)",
      room: "middle",
      sort: ({ users }) => users.length,
      render: ({ users }) =>
        users.length === 0 ? (
          <span class="muted">nothing</span>
        ) : (
          <span class="clip" style={{ display: "block" }}>
            {users.map(({ Id, Names }, at) => (
              <span key={Id}>
                {at > 0 && ", "}
                <Link to={pagePath("containers", Id)}>{containerName(Names, Id)}</Link>
              </span>
            ))}
          </span>
        ),
    },
    { key: "driver", title: "Driver", width: "80px", room: "wide", render: ({ Driver }) => Driver },
    {
      key: "created",
      title: "Created",
      width: "130px",
      room: "wide",
      sort: ({ CreatedAt }) => -Date.parse(CreatedAt),
      render: ({ CreatedAt }) => <When at={Date.parse(CreatedAt)} />,
    },
    {
      key: "actions",
      title: "Actions",
      width: "40px",
      right: true,
      render: (row) =>
        remove === undefined ? null : (
          <IconButton icon="trash" kind="danger" label={`Remove ${row.Name}`} onClick={() => remove(row)} />
        ),
    },
  ];
}

function CreateVolume({ onDone }: { readonly onDone: () => void }) {
  const app = useApp();
  const name = useSignal("");
  const create = async () => {
    await send("POST", "/volumes/create", { json: { Name: name.value.trim() } });
    app.tell("ok", "The volume is there");
    onDone();
  };
  return (
    <Dialog title="Create a volume" action="Create" onClose={app.closeDialog} onSubmit={create}>
      <Field label="Name" value={name} placeholder="chosen for you" mono focus />
    </Dialog>
  );
}

function RemoveVolume({
  of: { Name, users },
  onDone,
}: {
  readonly of: VolumeRow;
  readonly onDone: () => void;
}) {
  const app = useApp();
  const remove = async () => {
    await send("DELETE", `/volumes/${encodeURIComponent(Name)}`);
    app.tell("ok", `${Name} removed`);
    onDone();
  };
  return (
    <Confirm title={`Remove ${Name}?`} action="Remove for good" onClose={app.closeDialog} work={remove}>
      {users.length > 0 ? "Containers still use it: the engine will refuse. " : ""}
      All that is in it is lost.
    </Confirm>
  );
}
