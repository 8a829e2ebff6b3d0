import { SlipwayError } from "../../../errors.ts";
import type { PortMapping } from "../../../network/driver.ts";
import { parsePortRange } from "../../../network/parse.ts";
import { checkHostConfig } from "./check-host-config.ts";
import { completeLogConfig } from "./log-config.ts";
import type { ContainerConfig, HostConfig, PortBinding } from "../../types/container-config.ts";

const defaultShmSize = 64 * 1024 * 1024;

/** The host part with Docker's defaults filled in. Throws `invalid_argument` for what cannot go together. Pure. */
export function completeHostConfig(
  asked: HostConfig | undefined,
  logConfig: HostConfig["LogConfig"] = {},
): HostConfig {
  const config: HostConfig = {
    ...asked,
    NetworkMode: networkMode(asked?.NetworkMode),
    RestartPolicy: {
      MaximumRetryCount: 0,
      ...asked?.RestartPolicy,
      Name: asked?.RestartPolicy?.Name || "no",
    },
    LogConfig: completeLogConfig(asked?.LogConfig, logConfig),
    ShmSize: asked?.ShmSize || defaultShmSize,
    IpcMode: asked?.IpcMode || "private",
    PortBindings: asked?.PortBindings ?? {},
  };
  checkHostConfig(config);
  return config;
}

function networkMode(asked: string | undefined): string {
  return asked === undefined || asked === "" || asked === "default" ? "bridge" : asked;
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
