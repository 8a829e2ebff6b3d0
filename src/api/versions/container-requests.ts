import type { ContainerUpdate } from "../../engine/container-resources.ts";
import type { HostConfig } from "../../engine/types/container-config.ts";
import type { ContainerCreate } from "../../engine/types/container.ts";

/**
 * Body of `POST /containers/create` as API `version` (its minor) means it: what came later is not asked for, and what
 * is left open is what it was then. Pure.
 */
export function containerCreateRequest(spec: ContainerCreate, version: number): ContainerCreate {
  if (version >= 44) return spec;
  const { HostConfig: host, Healthcheck: health } = spec;
  return {
    ...spec,
    ...(host && { HostConfig: olderHostConfig(host, version) }),
    ...(health && { Healthcheck: { ...health, StartInterval: 0 } }),
  };
}

/** Body of `POST /containers/{id}/update`. Pure. */
export function containerUpdateRequest(update: ContainerUpdate, version: number): ContainerUpdate {
  const { PidsLimit: _later, ...others } = update;
  return version < 40 ? others : update;
}

function olderHostConfig(host: HostConfig, version: number): HostConfig {
  return {
    ...host,
    // Read-only mounts left the mounts below them writable.
    ...(host.Binds && { Binds: host.Binds.map(shallowReadOnly) }),
    ...(host.Mounts && { Mounts: host.Mounts.map(shallowMount) }),
    ...(version < 43 && { Annotations: null }),
    ...(version < 40 && { IpcMode: host.IpcMode || "shareable", PidsLimit: null }),
    ...(version < 25 && { AutoRemove: false }),
  };
}

function shallowReadOnly(bind: string): string {
  const [source, target, mode, ...more] = bind.split(":");
  if (!source?.startsWith("/") || mode === undefined || more.length > 0) return bind;
  const words = mode.split(",").map((word) => (word === "ro" ? "ro-non-recursive" : word));
  return `${source}:${target}:${words.join(",")}`;
}

function shallowMount(mount: NonNullable<HostConfig["Mounts"]>[number]): typeof mount {
  if (mount.Type !== "bind" || mount.ReadOnly !== true) return mount;
  return { ...mount, BindOptions: { ...mount.BindOptions, ReadOnlyNonRecursive: true } };
}
