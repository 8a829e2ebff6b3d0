import type { ContainerCreate } from "../../engine/types/container.ts";
import type { HostConfig } from "../../engine/types/container-config.ts";
import { SlipwayError } from "../../errors.ts";

const millisecond = 1_000_000;
const durations = ["Interval", "Timeout", "StartPeriod", "StartInterval"] as const;

/**
 * What Docker refuses of a container's creation whatever engine there is, in its words. `apiVersion`: the minor one.
 * Throws `invalid_argument`.
 */
export function checkCreate(spec: ContainerCreate, apiVersion: number): void {
  for (const variable of spec.Env ?? []) {
    if (variable === "" || variable.startsWith("="))
      throw invalid(`invalid environment variable: ${variable}`);
  }
  checkHealth(spec);
  checkModes(spec.HostConfig ?? {});
  checkPorts(spec.HostConfig ?? {});
  const networks = Object.keys(spec.NetworkingConfig?.EndpointsConfig ?? {});
  if (apiVersion < 44 && networks.length > 1)
    throw invalid(`container cannot be connected to network endpoints: ${networks.join(", ")}`);
}

function checkHealth({ Healthcheck: health }: ContainerCreate): void {
  if (health === undefined || health === null) return;
  for (const name of durations) {
    const value = health[name] ?? 0;
    if (value !== 0 && value < millisecond) throw invalid(`${name} in Healthcheck cannot be less than 1ms`);
  }
  if ((health.Retries ?? 0) < 0) throw invalid("Retries in Healthcheck cannot be negative");
}

function checkPorts(host: HostConfig): void {
  const bindings = Object.values(host.PortBindings ?? {}).flatMap((list) => list ?? []);
  const odd = bindings.find(({ HostPort }) => !/^(\d{1,5}(-\d{1,5})?)?$/.test(HostPort));
  if (odd !== undefined) throw invalid(`invalid port specification: "${odd.HostPort}"`);
}

function checkModes(host: HostConfig): void {
  const check = (mode: string | undefined, known: RegExp, what: string) => {
    if (mode !== undefined && mode !== "" && !known.test(mode)) throw invalid(`invalid ${what}: ${mode}`);
  };
  check(host.IpcMode, /^(none|private|shareable|host|container:.+)$/s, "IPC mode");
  check(host.PidMode, /^(host|container:.+)$/s, "PID mode");
  check(host.UTSMode, /^host$/, "UTS mode");
  check(host.UsernsMode, /^host$/, "user namespace mode");
  check(host.CgroupnsMode, /^(host|private)$/, "cgroup namespace mode");
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("invalid_argument", message);
}
