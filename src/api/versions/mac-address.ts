import type { ContainerCreate } from "../../engine/types/container.ts";
import type { EndpointSettings } from "../../engine/types/network.ts";
import { SlipwayError } from "../../errors.ts";

const withoutAddress = /^(host|none|container:.*)$/;
const deprecated =
  "The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.";

/**
 * The MAC address that was the whole container's until API 1.44, as that of its first network, which is where it
 * belongs since. Throws `invalid_argument` where it cannot be told which network that is. Pure.
 */
export function withMacAddress(
  { MacAddress = "", ...spec }: ContainerCreate,
  version: number,
): { spec: ContainerCreate; warnings: string[] } {
  if (version < 44) return { spec: olderSpec(spec, MacAddress), warnings: [] };
  if (MacAddress === "") return { spec, warnings: [] };
  if (withoutAddress.test(modeOf(spec))) return { spec, warnings: [deprecated] };
  const name = firstNetwork(spec, version);
  const own = endpointsOf(spec)[name]?.MacAddress ?? "";
  if (own !== "" && own !== MacAddress) {
    throw invalid(
      "the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty",
    );
  }
  return { spec: withEndpoint(spec, name, MacAddress), warnings: [deprecated] };
}

/** Of an endpoint's own address these versions know nothing. */
function olderSpec(spec: ContainerCreate, address: string): ContainerCreate {
  if (address === "") {
    const endpoints = Object.entries(endpointsOf(spec));
    if (!endpoints.some(([, endpoint]) => endpoint?.MacAddress)) return spec;
    const without = endpoints.map(([name, endpoint]) => [name, { ...endpoint, MacAddress: "" }] as const);
    return { ...spec, NetworkingConfig: { EndpointsConfig: Object.fromEntries(without) } };
  }
  if (withoutAddress.test(modeOf(spec)))
    throw invalid("conflicting options: mac-address and the network mode");
  return withEndpoint(spec, firstNetwork(spec, 43), address);
}

/** The endpoint of the network mode. Of one alone, older versions take it that it is that of the mode. */
function firstNetwork(spec: ContainerCreate, version: number): string {
  const [mode, names] = [modeOf(spec), Object.keys(endpointsOf(spec))];
  const isDefault = (name: string) => name === "default" || name === "bridge";
  const found = names.find((name) => name === mode || (isDefault(name) && isDefault(mode)));
  const [only] = names;
  if (found !== undefined) return found;
  if (only === undefined) return mode;
  if (version < 44 && names.length === 1) return only;
  throw invalid(
    "unable to migrate container-wide MAC address to a specific network: HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks",
  );
}

function withEndpoint(spec: ContainerCreate, name: string, MacAddress: string): ContainerCreate {
  const endpoints = endpointsOf(spec);
  const EndpointsConfig = { ...endpoints, [name]: { ...endpoints[name], MacAddress } };
  return { ...spec, NetworkingConfig: { ...spec.NetworkingConfig, EndpointsConfig } };
}

function modeOf({ HostConfig }: ContainerCreate): string {
  return HostConfig?.NetworkMode || "bridge";
}

function endpointsOf({ NetworkingConfig }: ContainerCreate): Record<string, EndpointSettings | null> {
  return NetworkingConfig?.EndpointsConfig ?? {};
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("invalid_argument", message);
}
