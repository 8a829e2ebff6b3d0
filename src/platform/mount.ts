/** mount(2) and umount2(2). On Node the `mount` and `umount` commands stand in. */
import { SlipwayError } from "../errors.ts";
import { cString, lastErrno, libc } from "./libc.ts";
import { errnoName } from "./errno.ts";

const c = libc({
  mount: { args: ["ptr", "ptr", "ptr", "u64", "ptr"], returns: "i32" },
  umount2: { args: ["ptr", "i32"], returns: "i32" },
});

export const MS_RDONLY = 1;
export const MS_NOSUID = 2;
export const MS_NODEV = 4;
export const MS_NOEXEC = 8;
export const MS_REMOUNT = 32;
export const MS_BIND = 4096;
export const MS_REC = 16384;
export const MS_PRIVATE = 1 << 18;
export const MS_SLAVE = 1 << 19;
export const MS_SHARED = 1 << 20;

const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

/** mount(2). `data` is the filesystem's own option string. Throws `internal` with the errno's name. */
export function sysMount(source: string, target: string, type: string, flags: number, data: string): void {
  const failed = c.mount(cString(source), cString(target), cString(type), flags, cString(data)) !== 0;
  if (failed) throw mountError(`Cannot mount ${type || "bind"} on "${target}"`, lastErrno());
}

/**
 * Detaches the mount at `target` at once; the kernel finishes when the last user leaves. False when nothing was
 * mounted there. Symlinks are not followed.
 */
export function detachMount(target: string): boolean {
  if (c.umount2(cString(target), MNT_DETACH | UMOUNT_NOFOLLOW) === 0) return true;
  const errno = lastErrno();
  if (errnoName(errno) === "EINVAL" || errnoName(errno) === "ENOENT") return false;
  throw mountError(`Cannot unmount "${target}"`, errno);
}

function mountError(what: string, errno: number): SlipwayError {
  const name = errnoName(errno);
  const cause = Object.assign(new Error(name), { code: name, errno });
  return new SlipwayError(name === "EPERM" ? "forbidden" : "internal", `${what}: ${name}`, { cause });
}
