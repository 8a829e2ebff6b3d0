import type { ContainerInspect, ContainerSummary } from "../../engine/types/container.ts";
import type { EndpointSettings } from "../../engine/types/network.ts";

const systemNetworks: ReadonlySet<string> = new Set(["bridge", "host", "none", "default"]);

/** `GET /containers/json` as API `version` (its minor) has it. */
export function containerListAnswer(list: readonly ContainerSummary[], version: number): object[] {
  if (version >= 46) return [...list];
  return list.map((one) => ({ ...one, HostConfig: { NetworkMode: one.HostConfig.NetworkMode } }));
}

/** `GET /containers/{id}/json` as API `version` (its minor) has it. */
export function containerInspectAnswer(container: ContainerInspect, version: number): object {
  if (version >= 45) return container;
  const settings = container.NetworkSettings;
  const Networks = Object.fromEntries(
    Object.entries(settings.Networks).map(([name, endpoint]) => [
      name,
      withShortId(name, endpoint, container),
    ]),
  );
  const first = Object.values(Networks)[0]?.MacAddress ?? "";
  return {
    ...container,
    ...(version < 44 && { Config: { ...container.Config, MacAddress: first }, ...olderMounts(container) }),
    NetworkSettings: { ...settings, Networks },
  };
}

/** Before 1.44 every read-only mount left what is below it writable, and needed no word for that. */
function olderMounts({ HostConfig: host, Mounts }: ContainerInspect): object {
  const plain = (words: string) => words.replace(/\bro-non-recursive\b/, "ro");
  const mounts = host.Mounts?.map((mount) => {
    const { ReadOnlyNonRecursive: _later, ...bind } = mount.BindOptions ?? {};
    const { BindOptions: _asked, ...others } = mount;
    return Object.keys(bind).length === 0 ? others : { ...others, BindOptions: bind };
  });
  return {
    HostConfig: { ...host, Binds: host.Binds?.map(plain) ?? null, ...(mounts && { Mounts: mounts }) },
    Mounts: Mounts.map((mount) => ({ ...mount, Mode: plain(mount.Mode) })),
  };
}

/** Before 1.45 a container's short ID stood among its aliases. */
function withShortId(
  name: string,
  endpoint: EndpointSettings,
  container: ContainerInspect,
): EndpointSettings {
  if (systemNetworks.has(name)) return endpoint;
  const aliases = [...(endpoint.Aliases ?? []), container.Id.slice(0, 12), container.Config.Hostname ?? ""];
  return { ...endpoint, Aliases: [...new Set(aliases.filter((alias) => alias !== ""))] };
}
