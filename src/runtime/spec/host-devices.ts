import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "../../errors.ts";
import type { OciDevice } from "./oci-spec.ts";
import type { DeviceInput } from "./spec-input.ts";

/** Directories of /dev that every container has of its own. */
const ownDirectories = new Set(["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev"]);

/** Every device node below /dev, for privileged containers; terminals of the host's own are left out, as in Docker. */
export function hostDevices(root = "/dev"): readonly OciDevice[] {
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    const path = join(root, entry.name);
    if (entry.isDirectory()) return ownDirectories.has(entry.name) ? [] : hostDevices(path);
    if (entry.name === "console" || !(entry.isCharacterDevice() || entry.isBlockDevice())) return [];
    try {
      const device = deviceOf(path, lstatSync(path));
      return device === undefined ? [] : [device];
    } catch {
      return [];
    }
  });
}

/**
 * The device (or all devices of the directory) at `hostPath`, for `--device`. Throws `invalid_argument` in Docker's
 * words when there is none.
 */
export function readDevices(
  hostPath: string,
  containerPath: string,
  permissions: string,
): readonly DeviceInput[] {
  const gather = failure(hostPath);
  let path: string;
  let stats: Stats;
  try {
    path = realpathSync(hostPath);
    stats = statSync(path);
  } catch (cause) {
    throw new SlipwayError("invalid_argument", `${gather}: no such file or directory`, { cause });
  }
  if (stats.isDirectory()) {
    return hostDevices(path).map((device) => ({
      ...device,
      path: containerPath + device.path.slice(path.length),
      permissions,
    }));
  }
  const device = deviceOf(containerPath, stats);
  if (device === undefined) throw new SlipwayError("invalid_argument", `${gather}: not a device node`);
  return [{ ...device, permissions }];
}

function failure(path: string): string {
  return `error gathering device information while adding custom device "${path}"`;
}

function deviceOf(path: string, stats: Stats): OciDevice | undefined {
  const type = stats.isCharacterDevice() ? "c" : stats.isBlockDevice() ? "b" : undefined;
  if (type === undefined) return undefined;
  const { major, minor } = deviceNumbers(stats.rdev);
  return { path, type, major, minor, fileMode: stats.mode & 0o777, uid: stats.uid, gid: stats.gid };
}

/** glibc's spelling of a device number. */
export function deviceNumbers(rdev: number): { major: number; minor: number } {
  const device = BigInt(rdev);
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}
