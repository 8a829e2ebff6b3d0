import { useSignal } from "@preact/signals";
import { useApp } from "../../app/app.ts";
import { Link } from "../../app/link.tsx";
import { pagePath } from "../../app/router.ts";
import { getJson } from "../../data/api.ts";
import { useResource } from "../../data/resource.ts";
import { Button } from "../../parts/button.tsx";
import { DataTable, type Column } from "../../parts/data-table.tsx";
import { Check } from "../../parts/field.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { View } from "../../parts/view.tsx";
import { TagsPane } from "./tags-pane.tsx";

const noun =
  "A registry is a server that stores images and hands them out; a repository in it holds the versions of one image, each under a tag.";

/** A registry by its address: `/registry/localhost:5000/shop`. */
export function RegistryView() {
  const { router } = useApp();
  const [, host, ...rest] = router.segments.value;
  const insecure = router.query.value.has("insecure");
  const repository = rest.length === 0 ? undefined : rest.join("/");
  return (
    <View
      title={host ?? "Registry"}
      noun={noun}
      {...(host !== undefined && { crumb: { to: "/registry", title: "Registry" } })}
      tools={<AddressForm key={host} host={host ?? ""} insecure={insecure} />}
    >
      {host === undefined ? (
        <Empty icon="registry" title="Which registry?">
          <p>Write its address above. One of your own starts with:</p>
          <pre>slipway registry serve --listen 127.0.0.1:5000</pre>
        </Empty>
      ) : (
        <Registry key={`${host} ${insecure}`} host={host} insecure={insecure} repository={repository} />
      )}
    </View>
  );
}

function AddressForm({ host, insecure }: { readonly host: string; readonly insecure: boolean }) {
  const { router } = useApp();
  const [address, plain] = [useSignal(host), useSignal(insecure)];
  const open = (event: Event) => {
    event.preventDefault();
    const [wanted = "", ...rest] = address.value
      .trim()
      .replace(/^https?:\/\//, "")
      .split("/")
      .filter(Boolean);
    if (wanted !== "") router.go(`${pagePath("registry", wanted, ...rest)}${plain.value ? "?insecure" : ""}`);
  };
  return (
    <form class="row wrap" onSubmit={open}>
      <input
        class="input mono"
        style={{ width: "220px" }}
        aria-label="Address of a registry"
        placeholder="localhost:5000"
        spellcheck={false}
        value={address.value}
        onInput={(event) => (address.value = event.currentTarget.value)}
      />
      <Check label="plain HTTP" value={plain} />
      <Button type="submit" kind="primary">
        Open
      </Button>
    </form>
  );
}

interface RegistryProps {
  readonly host: string;
  readonly insecure: boolean;
  readonly repository: string | undefined;
}

function Registry({ host, insecure, repository }: RegistryProps) {
  const { router } = useApp();
  const filter = useSignal("");
  const catalog = useResource((signal) =>
    getJson<{ Repositories: string[] }>("/slipway/v1/registry/repositories", {
      query: { host, insecure },
      signal,
    }),
  );
  const path = (name: string) =>
    `${pagePath("registry", host, ...name.split("/"))}${insecure ? "?insecure" : ""}`;
  const columns: Column<string>[] = [
    {
      key: "name",
      title: "Repository",
      width: "1fr",
      sort: (name) => name,
      render: (name) => (
        <Link class="clip strong" to={path(name)}>
          {name}
        </Link>
      ),
    },
  ];
  return (
    <div class="split registry-split">
      <div class="pane">
        <div class="pane-head">
          <h2 class="grow">Repositories</h2>
          <SearchBox value={filter} label="Filter" />
        </div>
        <Loaded of={catalog}>
          {({ Repositories }) =>
            Repositories.length === 0 ? (
              <p class="muted" style={{ padding: "16px" }}>
                It holds nothing yet, or does not list what it holds.
              </p>
            ) : (
              <DataTable
                label="Repositories"
                rows={Repositories.filter((name) => name.includes(filter.value.trim()))}
                columns={columns}
                rowKey={(name) => name}
                rowHeight={38}
                chosen={repository ?? ""}
                onOpen={(name) => router.go(path(name))}
              />
            )
          }
        </Loaded>
      </div>
      {repository === undefined ? (
        <div class="pane">
          <Empty icon="tag" title="Choose a repository">
            <p>Its tags, what each leads to, and what refers to it show up here.</p>
          </Empty>
        </div>
      ) : (
        <TagsPane key={repository} host={host} repository={repository} insecure={insecure} />
      )}
    </div>
  );
}
