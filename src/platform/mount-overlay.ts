/** The mount calls that work by descriptors (fsopen(2), fsconfig(2), fsmount(2), move_mount(2)), for overlays. */
import { errnoName } from "./errno.ts";
import { AT_FDCWD, closeFd } from "./fd.ts";
import { lastErrno, libc } from "./libc.ts";
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY } from "./mount.ts";
import { lowerDirectories } from "./overlay-options.ts";
import { cName, syscallError } from "./syscall-error.ts";

const { syscall: fsopen } = libc({ syscall: { args: ["i64", "ptr", "i64"], returns: "i64" } });
const { syscall: fsconfig } = libc({
  syscall: { args: ["i64", "i64", "i64", "ptr", "ptr", "i64"], returns: "i64" },
});
const { syscall: fsmount } = libc({ syscall: { args: ["i64", "i64", "i64", "i64"], returns: "i64" } });
const { syscall: moveMount } = libc({
  syscall: { args: ["i64", "i64", "ptr", "i64", "ptr", "i64"], returns: "i64" },
});

const SYS_move_mount = 429;
const SYS_fsopen = 430;
const SYS_fsconfig = 431;
const SYS_fsmount = 432;
const CLOEXEC = 1;
const SET_FLAG = 0;
const SET_STRING = 1;
const CREATE = 6;
const MOVE_MOUNT_F_EMPTY_PATH = 4;

/**
 * Mounts an overlay whose options are longer than mount(2) takes: each lower directory is told to the kernel by
 * itself (`lowerdir+`, Linux 6.8). False on a kernel that does not know the way. Throws a `SyscallError`.
 */
export function mountOverlayLayers(data: readonly string[], target: string, flags: number): boolean {
  const fs = Number(fsopen(SYS_fsopen, cName("overlay"), CLOEXEC));
  if (fs < 0) {
    const errno = lastErrno();
    if (errnoName(errno) === "ENOSYS") return false;
    throw syscallError("fsopen", "overlay", errno);
  }
  try {
    if (!configure(fs, data, flags)) return false;
    attach(fs, target, flags);
    return true;
  } finally {
    closeFd(fs);
  }
}

function configure(fs: number, data: readonly string[], flags: number): boolean {
  for (const option of data) {
    if (option.startsWith("lowerdir=")) {
      for (const path of lowerDirectories(option)) if (!setString(fs, "lowerdir+", path)) return false;
    } else if (!setOption(fs, option)) throw syscallError("fsconfig", option);
  }
  if ((flags & MS_RDONLY) !== 0) check(fsconfig(SYS_fsconfig, fs, SET_FLAG, cName("ro"), null, 0), "ro");
  check(fsconfig(SYS_fsconfig, fs, CREATE, null, null, 0), "create");
  return true;
}

/** False when the kernel does not know the key. */
function setString(fs: number, key: string, value: string): boolean {
  if (Number(fsconfig(SYS_fsconfig, fs, SET_STRING, cName(key), cName(value), 0)) === 0) return true;
  const errno = lastErrno();
  if (errnoName(errno) === "EINVAL") return false;
  throw syscallError("fsconfig", value, errno);
}

function setOption(fs: number, option: string): boolean {
  const equals = option.indexOf("=");
  if (equals >= 0) return setString(fs, option.slice(0, equals), option.slice(equals + 1));
  return Number(fsconfig(SYS_fsconfig, fs, SET_FLAG, cName(option), null, 0)) === 0;
}

function attach(fs: number, target: string, flags: number): void {
  const mount = check(fsmount(SYS_fsmount, fs, CLOEXEC, mountAttributes(flags)), target);
  try {
    const to = cName(target);
    check(moveMount(SYS_move_mount, mount, cName(""), AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH), target);
  } finally {
    closeFd(mount);
  }
}

function mountAttributes(flags: number): number {
  const attributes: [number, number][] = [
    [MS_RDONLY, 1],
    [MS_NOSUID, 2],
    [MS_NODEV, 4],
    [MS_NOEXEC, 8],
  ];
  return attributes.reduce((sum, [flag, bit]) => ((flags & flag) === 0 ? sum : sum | bit), 0);
}

function check(result: number | bigint, what: string): number {
  if (Number(result) < 0) throw syscallError("mount overlay", what);
  return Number(result);
}
