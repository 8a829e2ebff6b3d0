import type { Mount } from "../oci/mount.ts";
import {
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  sysMount,
} from "../platform/mount.ts";

const flagOptions: Readonly<Record<string, number>> = {
  ro: MS_RDONLY,
  rw: 0,
  bind: MS_BIND,
  rbind: MS_BIND | MS_REC,
  nosuid: MS_NOSUID,
  nodev: MS_NODEV,
  noexec: MS_NOEXEC,
};

/** Mounts one over the other at `target`, as mount(8) would. Throws as the kernel says; nothing stays mounted then. */
export function mountAll(mounts: readonly Mount[], target: string): void {
  for (const mount of mounts) mountOne(mount, target);
}

function mountOne({ type, source, options }: Mount, target: string): void {
  let flags = type === "bind" ? MS_BIND : 0;
  const data: string[] = [];
  for (const option of options) {
    const flag = flagOptions[option];
    if (flag === undefined) data.push(option);
    else flags |= flag;
  }
  sysMount(source, target, type === "bind" ? "" : type, flags, data.join(","));
  // A bind takes its flags only when it is mounted again.
  if ((flags & MS_BIND) !== 0 && (flags & MS_RDONLY) !== 0)
    sysMount("", target, "", MS_REMOUNT | MS_BIND | (flags & ~MS_REC), "");
}
