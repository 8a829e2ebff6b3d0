import { posix } from "node:path";
import { processCapabilities, resolveCapabilities } from "./capabilities.ts";
import { allMounts, initPath } from "./default-mounts.ts";
import { defaultMaskedPaths, defaultReadonlyPaths } from "./default-paths.ts";
import { deviceNodes, deviceRules } from "./devices.ts";
import type { OciLinux, OciNamespace, OciProcess, OciSeccomp, OciSpec } from "./oci-spec.ts";
import { checkLimitless, resourceLimits } from "./resources.ts";
import { rlimits } from "./rlimits.ts";
import { defaultSeccomp, seccompFromProfile } from "./seccomp.ts";
import type { HostFacts, NamespaceSource, RuntimeSpecInput } from "./spec-input.ts";

export interface RuntimeSpecResult {
  /** config.json of the bundle */
  readonly spec: OciSpec;
  /** What could not be given as asked, in words for the user. */
  readonly warnings: readonly string[];
}

/**
 * The OCI specification of a container, with Docker's defaults (runtime-spec 1.0, config.md). Pure. Throws
 * `invalid_argument` for unknown capabilities, ulimits, device rules and profiles.
 */
export function toRuntimeSpec(input: RuntimeSpecInput, facts: HostFacts): RuntimeSpecResult {
  const warnings: string[] = [];
  const warn = (text: string) => void warnings.push(text);
  const capabilities = grantedCapabilities(input, facts, warn);
  const spec: OciSpec = {
    ociVersion: "1.0.2",
    process: ociProcess(input, facts, capabilities, warn),
    root: { path: input.rootfs, readonly: input.readonlyRootfs ?? false },
    ...(input.hostname === undefined || input.uts === "host" ? {} : { hostname: input.hostname }),
    mounts: allMounts(input, facts),
    ...(input.annotations === undefined ? {} : { annotations: input.annotations }),
    linux: ociLinux(input, facts, capabilities, warn),
  };
  return { spec, warnings };
}

/** The cgroup of a container, below the root of each hierarchy. */
export function cgroupPathOf(id: string, parent?: string): string {
  // Normal, so that no `..` leads out of what the hierarchies show.
  return posix.join("/", parent === undefined || parent === "" ? "slipway" : parent, id);
}

function grantedCapabilities(
  input: RuntimeSpecInput,
  facts: HostFacts,
  warn: (text: string) => void,
): readonly string[] {
  const { capAdd = [], capDrop = [], privileged = false } = input;
  const wanted = resolveCapabilities({ privileged, add: capAdd, drop: capDrop });
  const missing = wanted.filter((name) => !facts.capabilities.includes(name));
  const everything = privileged || capAdd.some((name) => /^(?:CAP_)?ALL$/i.test(name));
  if (missing.length > 0 && !everything)
    warn(`The engine does not have and cannot give ${missing.join(", ")}`);
  return wanted.filter((name) => facts.capabilities.includes(name));
}

function ociProcess(
  input: RuntimeSpecInput,
  facts: HostFacts,
  capabilities: readonly string[],
  warn: (text: string) => void,
): OciProcess {
  const limits = rlimits(input.ulimits ?? [], facts, warn);
  const oomScoreAdj = clampedOomScore(input, facts, warn);
  const size = input.consoleSize;
  return {
    terminal: input.terminal ?? false,
    ...(size === undefined || input.terminal !== true
      ? {}
      : { consoleSize: { height: size.rows, width: size.columns } }),
    user: input.user,
    args: input.init === undefined ? input.args : [initPath, "--", ...input.args],
    env: input.env,
    cwd: input.cwd,
    capabilities: processCapabilities(capabilities, input.user.uid),
    ...(limits.length === 0 ? {} : { rlimits: limits }),
    noNewPrivileges: input.noNewPrivileges ?? false,
    ...(input.apparmorProfile === undefined ? {} : { apparmorProfile: input.apparmorProfile }),
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
  };
}

function clampedOomScore(
  input: RuntimeSpecInput,
  facts: HostFacts,
  warn: (text: string) => void,
): number | undefined {
  const wanted = input.oomScoreAdj ?? 0;
  const mayLower = facts.rootless === undefined && facts.capabilities.includes("CAP_SYS_RESOURCE");
  const lowest = mayLower ? -1000 : facts.oomScoreAdj;
  if (wanted < lowest) {
    warn(`oom_score_adj is raised to ${lowest}: the engine may not lower it without CAP_SYS_RESOURCE`);
    return lowest;
  }
  return wanted === 0 && facts.oomScoreAdj === 0 ? undefined : wanted;
}

function ociLinux(
  input: RuntimeSpecInput,
  facts: HostFacts,
  capabilities: readonly string[],
  warn: (text: string) => void,
): OciLinux {
  const seccomp = seccompOf(input, facts, capabilities);
  const sysctl = sysctls(input, facts);
  const open = input.privileged === true;
  const masked = input.maskedPaths ?? (open ? [] : [...defaultMaskedPaths, ...facts.thermalPaths]);
  const readonly = input.readonlyPaths ?? (open ? [] : defaultReadonlyPaths);
  const propagation = rootPropagation(input);
  return {
    namespaces: namespaces(input, facts),
    devices: deviceNodes(input, facts.devices),
    ...cgroup(input, facts, warn),
    ...(Object.keys(sysctl).length === 0 ? {} : { sysctl }),
    ...(seccomp === undefined ? {} : { seccomp }),
    ...(masked.length === 0 ? {} : { maskedPaths: masked }),
    ...(readonly.length === 0 ? {} : { readonlyPaths: readonly }),
    ...(propagation === undefined ? {} : { rootfsPropagation: propagation }),
  };
}

/** Without cgroups there is none to name. */
function cgroup(
  input: RuntimeSpecInput,
  facts: HostFacts,
  warn: (text: string) => void,
): Pick<OciLinux, "cgroupsPath" | "resources"> {
  const limits = resourceLimits(input.resources ?? {}, facts, warn);
  if (facts.rootless === undefined) {
    const resources = { devices: deviceRules(input), ...limits };
    return { cgroupsPath: cgroupPathOf(input.id, input.cgroupParent), resources };
  }
  checkLimitless(limits);
  return {};
}

function namespaces(input: RuntimeSpecInput, facts: HostFacts): readonly OciNamespace[] {
  const cgroup =
    (facts.rootless === undefined ? input.cgroup : "host") ??
    (facts.cgroupMode === "v2" && input.privileged !== true ? "private" : "host");
  const all: [OciNamespace["type"], NamespaceSource][] = [
    ["mount", "private"],
    ["network", input.network ?? "private"],
    ["uts", input.uts ?? "private"],
    ["pid", input.pid ?? "private"],
    ["ipc", input.ipc ?? "private"],
    ["cgroup", cgroup],
  ];
  return all.flatMap(([type, source]) => {
    if (source === "host") return [];
    return source === "private" ? [{ type }] : [{ type, path: source.path }];
  });
}

/** As Docker: unprivileged processes may use any port and ping, where the network is the container's own. */
function sysctls(input: RuntimeSpecInput, facts: HostFacts): Readonly<Record<string, string>> {
  const network =
    input.network === "host"
      ? {}
      : {
          "net.ipv4.ip_unprivileged_port_start": "0",
          "net.ipv4.ping_group_range": `0 ${facts.rootless?.ids ?? 2147483647}`,
        };
  const domain =
    input.domainname === undefined || input.domainname === "" || input.uts === "host"
      ? {}
      : { "kernel.domainname": input.domainname };
  return { ...network, ...domain, ...input.sysctls };
}

function seccompOf(
  input: RuntimeSpecInput,
  facts: HostFacts,
  capabilities: readonly string[],
): OciSeccomp | undefined {
  const { seccomp } = input;
  if (seccomp === "unconfined") return undefined;
  if (typeof seccomp === "object")
    return seccompFromProfile(seccomp.profile, facts.architecture, capabilities);
  return input.privileged === true ? undefined : defaultSeccomp(facts.architecture, capabilities);
}

/**
 * Mounts that shall travel between host and container need a root that lets them. Both runtimes read `rslave`, though
 * the schema has `slave` alone, which would leave the mounts below the root shared with the host.
 */
function rootPropagation(input: RuntimeSpecInput): string | undefined {
  const options = (input.mounts ?? []).flatMap((mount) => mount.options);
  if (options.some((option) => option === "shared" || option === "rshared")) return "shared";
  return options.some((option) => option === "slave" || option === "rslave") ? "rslave" : undefined;
}
