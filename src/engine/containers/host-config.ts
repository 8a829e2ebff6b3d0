import { SlipwayError } from "../../errors.ts";
import type { PortMapping } from "../../network/driver.ts";
import { parsePortRange } from "../../network/parse.ts";
import type { ContainerConfig, HostConfig, PortBinding } from "../types/container-config.ts";

const defaultShmSize = 64 * 1024 * 1024;

/** The host part with Docker's defaults filled in. Throws `invalid_argument` for what cannot go together. Pure. */
export function completeHostConfig(asked: HostConfig | undefined): HostConfig {
  const config: HostConfig = {
    ...asked,
    NetworkMode: networkMode(asked?.NetworkMode),
    RestartPolicy: {
      MaximumRetryCount: 0,
      ...asked?.RestartPolicy,
      Name: asked?.RestartPolicy?.Name || "no",
    },
    LogConfig: { Type: asked?.LogConfig?.Type || "json-file", Config: asked?.LogConfig?.Config ?? {} },
    ShmSize: asked?.ShmSize || defaultShmSize,
    IpcMode: asked?.IpcMode || "private",
    PortBindings: asked?.PortBindings ?? {},
  };
  checkCombinations(config);
  checkUnsupported(config);
  checkLogOptions(config);
  return config;
}

function networkMode(asked: string | undefined): string {
  return asked === undefined || asked === "" || asked === "default" ? "bridge" : asked;
}

function checkCombinations(config: HostConfig): void {
  const policy = config.RestartPolicy?.Name ?? "no";
  if (config.AutoRemove && policy !== "no") {
    throw new SlipwayError("invalid_argument", "can't create 'AutoRemove' container with restart policy");
  }
  const retries = config.RestartPolicy?.MaximumRetryCount ?? 0;
  if (!["no", "always", "unless-stopped", "on-failure"].includes(policy)) {
    throw new SlipwayError(
      "invalid_argument",
      `invalid restart policy: unknown policy '${policy}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  }
  if (retries !== 0 && policy !== "on-failure") {
    const what = "maximum retry count can only be used with 'on-failure'";
    throw new SlipwayError("invalid_argument", `invalid restart policy: ${what}`);
  }
  const memory = config.Memory ?? 0;
  if (memory !== 0 && memory < 6 * 1024 * 1024) {
    throw new SlipwayError("invalid_argument", "Minimum memory limit allowed is 6MB");
  }
}

/** What this engine cannot do is refused by name: nothing asked for is dropped in silence. */
function checkUnsupported(config: HostConfig): void {
  const refused: [string, boolean][] = [
    ["--volumes-from", (config.VolumesFrom ?? []).length > 0],
    ["--link", (config.Links ?? []).length > 0],
    ["--userns", (config.UsernsMode ?? "") !== "" && config.UsernsMode !== "host"],
    ["--storage-opt", Object.keys(config.StorageOpt ?? {}).length > 0],
    ["--device-cgroup-rule", (config.DeviceCgroupRules ?? []).length > 0],
    ["--volume-driver", !["", "local"].includes(config.VolumeDriver ?? "")],
    ["--log-driver", !["json-file", "local", "none"].includes(config.LogConfig?.Type ?? "json-file")],
    ["--cgroup-parent", (config.CgroupParent ?? "") !== ""],
    ["--cpu-rt-runtime", (config.CpuRealtimeRuntime ?? 0) !== 0 || (config.CpuRealtimePeriod ?? 0) !== 0],
  ];
  const first = refused.find(([, isSet]) => isSet);
  if (first !== undefined) throw new SlipwayError("not_implemented", `${first[0]} is not supported`);
}

/** Docker's own options of its default log driver, none of which is there yet. */
const logOptions =
  "max-size max-file compress labels labels-regex env env-regex tag mode max-buffer-size".split(" ");

function checkLogOptions({ LogConfig }: HostConfig): void {
  const [option] = Object.keys(LogConfig?.Config ?? {});
  if (option === undefined) return;
  if (logOptions.includes(option)) {
    throw new SlipwayError("not_implemented", `log option "${option}" is not supported`);
  }
  const what = `unknown log opt '${option}' for ${LogConfig?.Type ?? "json-file"} log driver`;
  throw new SlipwayError("invalid_argument", what);
}

/** The ports to publish: `-p` as asked, `-P` for every exposed port that is not among them. Pure. */
export function portMappings(config: ContainerConfig, host: HostConfig): PortMapping[] {
  const asked = Object.entries(host.PortBindings ?? {});
  const mappings = asked.flatMap(([port, bindings]) =>
    (bindings ?? []).map((binding) => mapping(port, binding)),
  );
  if (!host.PublishAllPorts) return mappings;
  const taken = new Set(asked.map(([port]) => port));
  const rest = Object.keys(config.ExposedPorts ?? {}).filter((port) => !taken.has(port));
  return [...mappings, ...rest.map((port) => mapping(port, { HostIp: "", HostPort: "" }))];
}

function mapping(port: string, binding: PortBinding): PortMapping {
  const [number = "", protocol = "tcp"] = port.split("/");
  if (protocol !== "tcp" && protocol !== "udp") {
    throw new SlipwayError(
      "invalid_argument",
      `invalid port specification: "${port}": only tcp and udp are supported`,
    );
  }
  const containerPort = portNumber(number, port);
  const hostIP = binding.HostIp === "0.0.0.0" ? "0.0.0.0" : (binding.HostIp ?? "");
  return { protocol, containerPort, hostIP, ...hostPorts(binding.HostPort ?? "") };
}

/** `8080`, or a range of which a free port is chosen; empty: any free one. */
function hostPorts(text: string): Pick<PortMapping, "hostPort" | "hostPortEnd"> {
  if (text === "") return { hostPort: 0 };
  const { begin, end } = parsePortRange(text);
  return end === begin ? { hostPort: begin } : { hostPort: begin, hostPortEnd: end };
}

function portNumber(text: string, shown: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new SlipwayError("invalid_argument", `invalid port specification: "${shown}"`);
}
