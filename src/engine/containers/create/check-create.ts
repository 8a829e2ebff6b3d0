import { errorMessage, isCode, SlipwayError } from "../../../errors.ts";
import { parseSignal } from "../../../runtime/signals.ts";
import { resolveCapabilities } from "../../../runtime/spec/capabilities.ts";
import { parseDeviceRule } from "../../../runtime/spec/devices.ts";
import { defaultRuntime } from "../../../runtime/oci-runtime.ts";
import type { ContainerConfig, HostConfig } from "../../types/container-config.ts";
import { checkResources } from "./check-resources.ts";
import { checkStorage } from "./check-storage.ts";
import type { ContainerHost } from "../host.ts";
import { checkLinks } from "../links.ts";
import { securityOf } from "../security-options.ts";

const joined = "container:";

/** `container:NAME` of the namespaces as `container:ID`, which a rename does not change. Throws `invalid_argument`. */
export function joinById(host: Pick<ContainerHost, "store">, config: HostConfig): HostConfig {
  const byId = (mode: string | undefined, kind: string) => {
    if (!mode?.startsWith(joined)) return mode;
    const find = () => host.store.get(mode.slice(joined.length));
    return `${joined}${existing(`joining ${kind} namespace of container`, find).id}`;
  };
  const { NetworkMode, IpcMode, PidMode } = config;
  return {
    ...config,
    ...(NetworkMode === undefined ? {} : { NetworkMode: byId(NetworkMode, "network") ?? "" }),
    ...(IpcMode === undefined ? {} : { IpcMode: byId(IpcMode, "IPC") ?? "" }),
    ...(PidMode === undefined ? {} : { PidMode: byId(PidMode, "PID") ?? "" }),
  };
}

/** What a creation names besides the image. To clients a creation that finds nothing lacks its image, so this throws `invalid_argument`. */
export function existing<T>(what: string, find: () => T): T {
  try {
    return find();
  } catch (error) {
    if (!isCode(error, "not_found")) throw error;
    throw new SlipwayError("invalid_argument", `${what}: ${errorMessage(error)}`, { cause: error });
  }
}

/** Refuses, before anything is made, what could not be started. Throws `invalid_argument` in Docker's words. */
export function checkAsked(
  host: Pick<ContainerHost, "init" | "facts" | "runtime" | "store">,
  config: ContainerConfig,
  hostConfig: HostConfig,
): void {
  if (config.WorkingDir && !config.WorkingDir.startsWith("/")) {
    const what = `the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`;
    throw new SlipwayError("invalid_argument", what);
  }
  if (config.Hostname && hostConfig.UTSMode === "host") {
    throw new SlipwayError("invalid_argument", "conflicting options: hostname and the UTS mode");
  }
  if (config.StopSignal) parseSignal(config.StopSignal);
  checkRuntime(host, hostConfig.Runtime ?? "");
  checkResources(hostConfig, host.facts);
  securityOf(hostConfig, host.facts);
  for (const rule of hostConfig.DeviceCgroupRules ?? []) parseDeviceRule(rule);
  const { CapAdd, CapDrop, Privileged } = hostConfig;
  resolveCapabilities({ privileged: Privileged === true, add: CapAdd ?? [], drop: CapDrop ?? [] });
  checkStorage(hostConfig);
  if (hostConfig.Init && host.init === undefined) {
    throw new SlipwayError("unavailable", "--init needs an init program: install tini or catatonit");
  }
  if (hostConfig.NetworkMode === "host" && (hostConfig.Links ?? []).length > 0) {
    const what = "host type networking can't be used with links. This would result in undefined behavior";
    throw new SlipwayError("invalid_argument", `conflicting options: ${what}`);
  }
  if (hostConfig.NetworkMode?.startsWith(joined)) checkSharedNetwork(config, hostConfig);
  checkLinks(host, hostConfig.Links);
}

/** A runtime of the host by name or path. */
function checkRuntime({ runtime }: Pick<ContainerHost, "runtime">, asked: string): void {
  const known = Object.entries(runtime.runtimes).flat();
  if (["", ...known, defaultRuntime].includes(asked)) return;
  throw new SlipwayError("invalid_argument", `unknown or invalid runtime name: ${asked}`);
}

function checkSharedNetwork(config: ContainerConfig, hostConfig: HostConfig): void {
  const conflicts: [string, boolean][] = [
    ["hostname and the network mode", Boolean(config.Hostname)],
    [
      "container type network can't be used with links. This would result in undefined behavior",
      (hostConfig.Links ?? []).length > 0,
    ],
    ["dns and the network mode", (hostConfig.Dns ?? []).length > 0],
    ["custom host-to-IP mapping and the network mode", (hostConfig.ExtraHosts ?? []).length > 0],
    [
      "port publishing and the container type network mode",
      hostConfig.PublishAllPorts === true || Object.keys(hostConfig.PortBindings ?? {}).length > 0,
    ],
  ];
  const first = conflicts.find(([, isSet]) => isSet);
  if (first !== undefined) throw new SlipwayError("invalid_argument", `conflicting options: ${first[0]}`);
}
