import type { ContainerCreate } from "../../engine/types/container.ts";

/**
 * What of a container to be created reaches beyond it into the machine, in words; undefined when nothing does. Whoever
 * may ask for this rules the machine.
 */
export function hostReach({ HostConfig: host = {} }: ContainerCreate): string | undefined {
  const modes = [
    host.NetworkMode,
    host.PidMode,
    host.IpcMode,
    host.UTSMode,
    host.UsernsMode,
    host.CgroupnsMode,
  ];
  const binds = (host.Binds ?? []).some((bind) => /^[/.~]/.test(bind));
  const mounts = (host.Mounts ?? []).some(({ Type }) => Type === "bind");
  const volumes = (host.Mounts ?? []).some(({ VolumeOptions }) => VolumeOptions?.DriverConfig != null);
  const found: readonly (readonly [boolean, string])[] = [
    [host.Privileged === true, "privileges"],
    [binds || mounts, "bind mounts"],
    [volumes, "volumes with options"],
    [modes.includes("host"), "namespaces of the host"],
    [(host.CapAdd ?? []).length > 0, "added capabilities"],
    [(host.Devices ?? []).length > 0 || (host.DeviceCgroupRules ?? []).length > 0, "devices"],
    [(host.SecurityOpt ?? []).length > 0, "security options"],
    [host.MaskedPaths != null || host.ReadonlyPaths != null, "unmasked paths"],
    [(host.CgroupParent ?? "") !== "", "a cgroup of its own choice"],
    [Object.keys(host.Sysctls ?? {}).length > 0, "kernel parameters"],
    [(host.Runtime ?? "") !== "", "another runtime"],
  ];
  return found.find(([isSo]) => isSo)?.[1];
}
