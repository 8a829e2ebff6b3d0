import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { ContainerDirectory, ContainerFile } from "../../../../engine/container-files.ts";
import { useApp } from "../../app/app.ts";
import { apiPath, call, getJson, send } from "../../data/api.ts";
import { bytes, plural } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import { saveBlob } from "../../data/save-blob.ts";
import { firstFile, writeTar } from "../../data/tar.ts";
import { Button, IconButton } from "../../parts/button.tsx";
import { DataTable, type Column } from "../../parts/data-table.tsx";
import { Icon } from "../../parts/icon.tsx";
import { PathBar } from "../../parts/path-bar.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { modeText } from "../images/files-pane.tsx";

/** The files in a container: look around, take some out, put some in. */
export function FilesTab({ id }: { readonly id: string }) {
  const app = useApp();
  const path = useSignal("/");
  const isOver = useSignal(false);
  const picker = useRef<HTMLInputElement>(null);
  const here = useResource(
    (signal) =>
      getJson<ContainerDirectory>(`/slipway/v1/containers/${id}/files`, {
        query: { path: path.value },
        signal,
      }),
    { key: path.value },
  );
  const upload = async (files: readonly File[]) => {
    if (files.length === 0) return;
    const body = writeTar(files.map((content) => ({ name: content.name, content })));
    const put = () => send("PUT", `/containers/${id}/archive`, { query: { path: path.value }, body });
    if (await app.attempt(put, `${plural(files.length, "file")} put into ${path.value}`)) here.refresh();
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    isOver.value = false;
    if (!app.readOnly) void upload([...(event.dataTransfer?.files ?? [])]);
  };
  const parts = path.value.split("/").filter((part) => part !== "");
  const go = (to: readonly string[]) => (path.value = `/${to.join("/")}`);
  return (
    <div
      class={`view-body${isOver.value ? " drop-here" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = !app.readOnly;
      }}
      onDragLeave={() => (isOver.value = false)}
      onDrop={drop}
    >
      <div class="log-tools">
        <PathBar parts={parts} onGo={(depth) => go(parts.slice(0, depth))} />
        <span class="grow" />
        <a class="button" href={archiveLink(id, path.value)} download={`${parts.at(-1) ?? "root"}.tar`}>
          <Icon name="download" />
          This directory
        </a>
        {!app.readOnly && (
          <>
            <input
              type="file"
              multiple
              hidden
              ref={picker}
              onChange={(event) => void upload([...(event.currentTarget.files ?? [])])}
            />
            <Button icon="upload" onClick={() => picker.current?.click()}>
              Upload
            </Button>
          </>
        )}
      </div>
      <Loaded of={here}>
        {(directory) =>
          directory.Files.length === 0 ? (
            <Empty icon="folder" title="This directory is empty">
              {!app.readOnly && <p>Drop files here to put them in.</p>}
            </Empty>
          ) : (
            <DataTable
              label={`Files in ${path.value}`}
              rows={directory.Files}
              columns={columns(id, path.value, parts, go)}
              rowKey={({ Name }) => Name}
              rowHeight={36}
              onOpen={({ Name, Kind }) => {
                if (Kind === "directory" || Kind === "symlink") go([...parts, Name]);
              }}
            />
          )
        }
      </Loaded>
    </div>
  );
}

const join = (path: string, name: string) => (path === "/" ? `/${name}` : `${path}/${name}`);

function archiveLink(id: string, path: string): string {
  return apiPath(`/containers/${id}/archive`, { path });
}

function columns(
  id: string,
  path: string,
  parts: readonly string[],
  go: (to: readonly string[]) => void,
): Column<ContainerFile>[] {
  return [
    {
      key: "name",
      title: "Name",
      width: "minmax(180px, 3fr)",
      sort: ({ Kind, Name }) => `${Kind === "directory" ? 0 : 1}${Name}`,
      render: (file) => <FileName of={file} onOpen={() => go([...parts, file.Name])} />,
    },
    {
      key: "size",
      title: "Size",
      width: "90px",
      right: true,
      sort: ({ Size }) => Size,
      render: ({ Size, Kind }) => <span class="number">{Kind === "file" ? bytes(Size) : ""}</span>,
    },
    {
      key: "mode",
      title: "Rights",
      width: "100px",
      room: "middle",
      render: ({ Mode }) => <code class="muted">{modeText({ mode: Mode })}</code>,
    },
    {
      key: "owner",
      title: "Owner",
      width: "80px",
      room: "wide",
      render: ({ Uid, Gid }) => <span class="number muted">{`${Uid}:${Gid}`}</span>,
    },
    {
      key: "modified",
      title: "Changed",
      width: "130px",
      room: "middle",
      sort: ({ Modified }) => Modified,
      render: ({ Modified }) => <When at={Date.parse(Modified)} />,
    },
    {
      key: "actions",
      title: "Actions",
      width: "40px",
      right: true,
      render: (file) => <Take id={id} path={join(path, file.Name)} of={file} />,
    },
  ];
}

function FileName({
  of: { Name, Kind, Target },
  onOpen,
}: {
  readonly of: ContainerFile;
  readonly onOpen: () => void;
}) {
  const icon = { file: "file", directory: "folder", symlink: "link", other: "file" } as const;
  return (
    <span class="file-name">
      <Icon name={icon[Kind]} />
      {Kind === "directory" ? (
        <button type="button" class="text-button clip" onClick={onOpen}>
          {Name}
        </button>
      ) : (
        <span class="clip" title={Name}>
          {Name}
        </span>
      )}
      {Target !== "" && <span class="muted clip">→ {Target}</span>}
    </span>
  );
}

function Take({ id, path, of }: { readonly id: string; readonly path: string; readonly of: ContainerFile }) {
  const app = useApp();
  if (of.Kind !== "file") return null;
  const take = () =>
    app.attempt(async () => {
      const archive = await (await call("GET", `/containers/${id}/archive`, { query: { path } })).blob();
      saveBlob(await firstFile(archive), of.Name);
    });
  return <IconButton icon="download" label={`Download ${of.Name}`} onClick={take} />;
}
