import type { ContainerInspect } from "../../engine/types/container.ts";
import type { EndpointSettings } from "../../engine/types/network.ts";

const systemNetworks: ReadonlySet<string> = new Set(["bridge", "host", "none", "default"]);

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
    ...(version < 44 && { Config: { ...container.Config, MacAddress: first } }),
    NetworkSettings: { ...settings, Networks },
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
