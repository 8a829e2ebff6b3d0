import { humanDuration } from "../../internal/human-duration.ts";
import type { Endpoint, PortMapping } from "../../network/driver.ts";
import type { HostConfig, PortBinding } from "../types/container-config.ts";
import type {
  ContainerInspect,
  ContainerState,
  ContainerSummary,
  NetworkSettings,
  Port,
} from "../types/container.ts";
import { plainEndpointId } from "../plain-endpoints.ts";
import type { EndpointSettings } from "../types/network.ts";
import { commandOf, isActive, isAsleep, type ContainerRecord } from "./record.ts";
import { shownConfig } from "./shown-config.ts";

/** Where the files of one container are: the engine's own business, shown by `inspect`. Absolute paths. */
export interface ContainerPaths {
  /** `<root>/containers/<id>` */
  readonly directory: string;
  readonly log: string;
  readonly hostname: string;
  readonly hosts: string;
  readonly resolvConf: string;
  /** the overlay's mount point, while it runs */
  readonly rootfs: string;
  readonly bundle: string;
  readonly netns: string;
}

/** `inspect`'s document of a record. `HostConfig`: as it is shown. Pure. */
export function inspectDocument(
  record: ContainerRecord,
  paths: ContainerPaths,
  execIds: string[],
  HostConfig: HostConfig,
): ContainerInspect {
  const [path = "", ...args] = commandOf(record.config);
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: stateDocument(record),
    Image: record.image,
    ResolvConfPath: paths.resolvConf,
    HostnamePath: paths.hostname,
    HostsPath: paths.hosts,
    LogPath: record.hostConfig.LogConfig?.Type === "none" ? "" : paths.log,
    Name: `/${record.name}`,
    RestartCount: record.state.restartCount,
    Driver: "overlay2",
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: execIds.length === 0 ? null : execIds,
    HostConfig,
    GraphDriver: { Name: "overlay2", Data: isActive(record) ? { MergedDir: paths.rootfs } : {} },
    Mounts: record.mounts.map(({ point }) => point),
    Config: shownConfig(record.config),
    ...(record.lazy === undefined
      ? {}
      : { Lazy: { Idle: record.lazy.idle * 1e6, Armed: record.lazy.armed } }),
    NetworkSettings: networkSettings(record, paths),
  };
}

/** What `inspect` shows as `State`. */
export function stateDocument(record: ContainerRecord): ContainerState {
  const { state, health } = record;
  return {
    Status: state.status,
    Running: isActive(record) || state.status === "restarting",
    Paused: state.status === "paused",
    Restarting: state.status === "restarting",
    OOMKilled: state.oomKilled,
    Dead: state.status === "dead",
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...(health === undefined ? {} : { Health: health }),
  };
}

/** One line of `ps`. `now`: milliseconds since the epoch. `linkNames`: what else links call it. Pure. */
export function summaryDocument(
  record: ContainerRecord,
  imageName: string,
  now: number,
  linkNames: readonly string[] = [],
): ContainerSummary {
  return {
    Id: record.id,
    Names: [`/${record.name}`, ...linkNames],
    Image: imageName,
    ImageID: record.image,
    Command: shownCommand(commandOf(record.config)),
    Created: Math.floor(Date.parse(record.created) / 1000),
    Ports: portList(record),
    Labels: record.config.Labels ?? {},
    State: record.state.status,
    Status: statusText(record, now),
    HostConfig: {
      NetworkMode: record.hostConfig.NetworkMode ?? "default",
      ...(record.hostConfig.Annotations ? { Annotations: record.hostConfig.Annotations } : {}),
    },
    NetworkSettings: { Networks: networkDocuments(record) },
    Mounts: record.mounts.map(({ point }) => point),
  };
}

/** As Docker lists it: arguments with a space are quoted, the program is not. */
function shownCommand([program = "", ...args]: readonly string[]): string {
  return [program, ...args.map((arg) => (arg.includes(" ") ? `'${arg}'` : arg))].join(" ");
}

/** `Up 2 minutes (healthy)`, `Exited (0) 3 seconds ago`, `Created`. */
export function statusText(record: ContainerRecord, now: number): string {
  const { state } = record;
  if (isAsleep(record)) return "Sleeping";
  const since = (time: string) => humanDuration(now - Date.parse(time));
  switch (state.status) {
    case "running":
      return `Up ${since(state.startedAt)}${healthText(record)}`;
    case "paused":
      return `Up ${since(state.startedAt)} (Paused)`;
    case "restarting":
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case "exited":
      return `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case "created":
      return "Created";
    case "removing":
      return "Removal In Progress";
    case "dead":
      return "Dead";
  }
}

function healthText(record: ContainerRecord): string {
  if (record.health === undefined) return "";
  return record.health.Status === "starting" ? " (health: starting)" : ` (${record.health.Status})`;
}

function portList(record: ContainerRecord): Port[] {
  const ports: Port[] = [];
  const published = new Set<string>();
  for (const mapping of mappings(record)) {
    published.add(`${mapping.containerPort}/${mapping.protocol}`);
    for (const ip of hostAddresses(mapping)) {
      const shown = {
        IP: ip,
        PrivatePort: mapping.containerPort,
        PublicPort: mapping.hostPort,
        Type: mapping.protocol,
      };
      ports.push(shown);
    }
  }
  if (!isActive(record)) return ports;
  for (const key of Object.keys(record.config.ExposedPorts ?? {})) {
    const [port = "", type = "tcp"] = key.split("/");
    if (!published.has(`${port}/${type}`))
      ports.push({ PrivatePort: Number(port), Type: type as Port["Type"] });
  }
  return ports;
}

function mappings(record: ContainerRecord): PortMapping[] {
  const published = Object.values(record.endpoints).flatMap((endpoint) => [...endpoint.ports]);
  return [...published, ...(record.lazy?.ports ?? [])];
}

/** Without an address a port is open on all of them, v4 and v6: Docker shows both. */
function hostAddresses(mapping: PortMapping): string[] {
  return mapping.hostIP === "" ? ["0.0.0.0", "::"] : [mapping.hostIP];
}

function networkSettings(record: ContainerRecord, paths: ContainerPaths): NetworkSettings {
  const networks = networkDocuments(record);
  const bridge = networks["bridge"] ?? {};
  return {
    Bridge: "",
    SandboxID: isActive(record) ? record.id : "",
    SandboxKey: isActive(record) ? paths.netns : "",
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge.EndpointID ?? "",
    Gateway: bridge.Gateway ?? "",
    GlobalIPv6Address: bridge.GlobalIPv6Address ?? "",
    GlobalIPv6PrefixLen: bridge.GlobalIPv6PrefixLen ?? 0,
    IPAddress: bridge.IPAddress ?? "",
    IPPrefixLen: bridge.IPPrefixLen ?? 0,
    IPv6Gateway: bridge.IPv6Gateway ?? "",
    MacAddress: bridge.MacAddress ?? "",
    Ports: portMap(record),
    Networks: networks,
  };
}

function portMap(record: ContainerRecord): Record<string, PortBinding[] | null> {
  const map: Record<string, PortBinding[] | null> = {};
  if (!isActive(record) && !isAsleep(record)) return map;
  for (const key of Object.keys(record.config.ExposedPorts ?? {}))
    map[key.includes("/") ? key : `${key}/tcp`] = null;
  for (const mapping of mappings(record)) {
    const bindings = (map[`${mapping.containerPort}/${mapping.protocol}`] ??= []);
    for (const ip of hostAddresses(mapping))
      bindings.push({ HostIp: ip, HostPort: String(mapping.hostPort) });
  }
  return map;
}

function networkDocuments(record: ContainerRecord): Record<string, EndpointSettings> {
  const entries = Object.entries(record.networks);
  return Object.fromEntries(
    entries.map(([name, asked]) => {
      const document = endpointDocument(asked, record.endpoints[name]);
      const isPlain = isActive(record) && (name === "host" || name === "none");
      const EndpointID = isPlain ? plainEndpointId(record.id, asked.NetworkID ?? "") : document.EndpointID;
      return [name, { ...document, EndpointID: EndpointID ?? "" }];
    }),
  );
}

/** Under what the others on the network find it; null where there are no names. */
function dnsNames({ DNSNames }: EndpointSettings, endpoint: Endpoint | undefined): string[] | null {
  if (endpoint?.nameserver === undefined) return DNSNames ?? null;
  return [...new Set(endpoint.names ?? [])];
}

function endpointDocument(asked: EndpointSettings, endpoint: Endpoint | undefined): EndpointSettings {
  return {
    IPAMConfig: asked.IPAMConfig ?? null,
    Links: asked.Links ?? null,
    Aliases: asked.Aliases ?? null,
    MacAddress: endpoint?.macAddress ?? "",
    DriverOpts: asked.DriverOpts ?? null,
    GwPriority: asked.GwPriority ?? 0,
    NetworkID: endpoint?.networkId ?? asked.NetworkID ?? "",
    EndpointID: endpoint?.id ?? "",
    Gateway: endpoint?.gateway ?? "",
    IPAddress: endpoint?.address ?? "",
    IPPrefixLen: endpoint?.prefixLength ?? 0,
    IPv6Gateway: endpoint?.gateway6 ?? "",
    GlobalIPv6Address: endpoint?.address6 ?? "",
    GlobalIPv6PrefixLen: endpoint?.prefixLength6 ?? 0,
    DNSNames: dnsNames(asked, endpoint),
  };
}
