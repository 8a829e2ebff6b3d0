import { SlipwayError } from "../errors.ts";
import type { Network, NetworkConfig } from "../network/driver.ts";
import type { ShownEndpoint } from "./plain-endpoints.ts";
import type { NetworkCreate, NetworkInspect } from "./types/network.ts";

/** Options of Docker's bridge driver that have their effect here. */
const knownOptions = new Set([
  "com.docker.network.bridge.name",
  "com.docker.network.bridge.enable_icc",
  "com.docker.network.bridge.enable_ip_masquerade",
  "com.docker.network.bridge.host_binding_ipv4",
  "com.docker.network.driver.mtu",
  "com.docker.network.container_iface_prefix",
]);
/** Docker's other modes route to containers, or close the host off, in ways that are not there. */
const gatewayModes = [
  "com.docker.network.bridge.gateway_mode_ipv4",
  "com.docker.network.bridge.gateway_mode_ipv6",
];

/** A network as the API shows it. `nameOf`: the name of a container by its ID. Pure. */
export function networkDocument(
  network: Network,
  endpoints: readonly ShownEndpoint[],
  nameOf: (containerId: string) => string | undefined,
): NetworkInspect {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.createdAt,
    Scope: "local",
    Driver: network.driver,
    EnableIPv4: network.enableIPv4 !== false,
    EnableIPv6: network.enableIPv6,
    IPAM: {
      Driver: "default",
      Config: network.subnets.map(({ subnet, gateway, ipRange, reserved }) => ({
        Subnet: subnet,
        ...(ipRange === undefined ? {} : { IPRange: ipRange }),
        ...(gateway === "" ? {} : { Gateway: gateway }),
        ...(reserved === undefined ? {} : { AuxiliaryAddresses: { ...reserved } }),
      })),
    },
    Internal: network.internal,
    Attachable: network.attachable === true,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      endpoints.map((endpoint) => [
        endpoint.containerId,
        {
          Name: nameOf(endpoint.containerId) ?? "",
          EndpointID: endpoint.id,
          MacAddress: endpoint.macAddress,
          IPv4Address: endpoint.address === "" ? "" : `${endpoint.address}/${endpoint.prefixLength}`,
          IPv6Address: endpoint.address6 === "" ? "" : `${endpoint.address6}/${endpoint.prefixLength6}`,
        },
      ]),
    ),
    Options: { ...network.options },
    Labels: { ...network.labels },
  };
}

/** What the driver is asked for. Throws `not_found` for an unknown driver, `not_implemented` for what has no effect here. */
export function networkConfig(spec: NetworkCreate): NetworkConfig {
  checkDriver(spec.Driver || "bridge");
  refuse("Ingress", spec.Ingress === true);
  refuse(`Scope "${spec.Scope}"`, !["", "local"].includes(spec.Scope ?? ""));
  refuse(`IPAM driver "${spec.IPAM?.Driver}"`, !["", "default"].includes(spec.IPAM?.Driver ?? ""));
  refuse("IPAM.Options", Object.keys(spec.IPAM?.Options ?? {}).length > 0);
  const options = spec.Options ?? {};
  for (const [option, value] of Object.entries(options)) {
    const isMode = gatewayModes.includes(option);
    refuse(`Network option "${option}=${value}"`, isMode && value !== "nat" && value !== "");
    const isUnknown = option.startsWith("com.docker.network.") && !knownOptions.has(option);
    refuse(`Network option "${option}"`, isUnknown && !isMode);
  }
  return {
    name: spec.Name,
    driver: "bridge",
    subnets: (spec.IPAM?.Config ?? []).flatMap(subnetConfig),
    internal: spec.Internal === true,
    attachable: spec.Attachable === true,
    enableIPv4: spec.EnableIPv4 !== false,
    enableIPv6: spec.EnableIPv6 === true,
    options,
    labels: spec.Labels ?? {},
  };
}

type IPAMConfig = NonNullable<NonNullable<NetworkCreate["IPAM"]>["Config"]>[number];

type SubnetConfig = NonNullable<NetworkConfig["subnets"]>[number];

function subnetConfig(config: IPAMConfig): SubnetConfig[] {
  const { Subnet, Gateway, IPRange, AuxiliaryAddresses } = config;
  if (!Subnet) {
    if (!Gateway && !IPRange) return [];
    throw new SlipwayError("invalid_argument", "invalid network config: every IPAM entry needs a subnet");
  }
  return [
    {
      subnet: Subnet,
      ...(Gateway ? { gateway: Gateway } : {}),
      ...(IPRange ? { ipRange: IPRange } : {}),
      ...(AuxiliaryAddresses ? { reserved: AuxiliaryAddresses } : {}),
    },
  ];
}

function checkDriver(driver: string): void {
  if (driver === "bridge" || driver === "default") return;
  if (driver === "host" || driver === "null") {
    throw new SlipwayError("forbidden", `only one instance of "${driver}" network is allowed`);
  }
  refuse(`Driver "${driver}"`, ["macvlan", "ipvlan", "overlay"].includes(driver));
  throw new SlipwayError("not_found", `plugin "${driver}" not found`);
}

function refuse(what: string, isSet: boolean): void {
  if (isSet) throw new SlipwayError("not_implemented", `${what} is not supported for networks`);
}
