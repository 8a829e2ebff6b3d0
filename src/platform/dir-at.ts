/**
 * Names in an open directory: make, link, rename, remove, list. No call follows a symbolic link in its last
 * component. All are synchronous and throw a `SyscallError`. On Node a native addon would stand in.
 */
import { AT_FDCWD, closeFd, O_NOFOLLOW, O_PATH, openAt } from "./fd.ts";
import { libc } from "./libc.ts";
import { cName, syscallError, type Name } from "./syscall-error.ts";

const c = libc({
  mkdirat: { args: ["i32", "ptr", "u32"], returns: "i32" },
  mknodat: { args: ["i32", "ptr", "u32", "u64"], returns: "i32" },
  linkat: { args: ["i32", "ptr", "i32", "ptr", "i32"], returns: "i32" },
  symlinkat: { args: ["ptr", "i32", "ptr"], returns: "i32" },
  unlinkat: { args: ["i32", "ptr", "i32"], returns: "i32" },
  renameat2: { args: ["i32", "ptr", "i32", "ptr", "u32"], returns: "i32" },
  readlinkat: { args: ["i32", "ptr", "ptr", "u64"], returns: "i64" },
  fchownat: { args: ["i32", "ptr", "u32", "u32", "i32"], returns: "i32" },
  fchmodat: { args: ["i32", "ptr", "u32", "i32"], returns: "i32" },
  utimensat: { args: ["i32", "ptr", "ptr", "i32"], returns: "i32" },
  futimens: { args: ["i32", "ptr"], returns: "i32" },
  getdents64: { args: ["i32", "ptr", "u64"], returns: "i64" },
});

const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_REMOVEDIR = 0x200;
const DT_UNKNOWN = 0;
const DT_DIR = 4;
export const RENAME_NOREPLACE = 1;
export const RENAME_EXCHANGE = 2;

export function makeDirAt(dir: number, name: Name, mode: number): void {
  if (c.mkdirat(dir, cName(name), mode) !== 0) throw syscallError("mkdirat", name);
}

/** mknodat(2); `mode` holds the type bits. */
export function makeNodeAt(dir: number, name: Name, mode: number, major: number, minor: number): void {
  if (c.mknodat(dir, cName(name), mode, makeDev(major, minor)) !== 0) throw syscallError("mknodat", name);
}

/** A hard link to what `fromName` itself is, also when that is a symbolic link. */
export function linkAt(fromDir: number, fromName: Name, dir: number, name: Name): void {
  if (c.linkat(fromDir, cName(fromName), dir, cName(name), 0) !== 0) throw syscallError("linkat", name);
}

export function symlinkAt(target: Name, dir: number, name: Name): void {
  if (c.symlinkat(cName(target), dir, cName(name)) !== 0) throw syscallError("symlinkat", name);
}

export function unlinkAt(dir: number, name: Name): void {
  if (c.unlinkat(dir, cName(name), 0) !== 0) throw syscallError("unlinkat", name);
}

export function removeDirAt(dir: number, name: Name): void {
  if (c.unlinkat(dir, cName(name), AT_REMOVEDIR) !== 0) throw syscallError("rmdir", name);
}

export function renameAt(fromDir: number, fromName: Name, dir: number, name: Name, flags = 0): void {
  if (c.renameat2(fromDir, cName(fromName), dir, cName(name), flags) !== 0)
    throw syscallError("renameat2", name);
}

export function readLinkAt(dir: number, name: Name): Uint8Array {
  const buffer = new Uint8Array(4096);
  const length = Number(c.readlinkat(dir, cName(name), buffer, buffer.length));
  if (length < 0) throw syscallError("readlinkat", name);
  return buffer.slice(0, length);
}

export function chownAt(dir: number, name: Name, uid: number, gid: number): void {
  if (c.fchownat(dir, cName(name), uid, gid, AT_SYMLINK_NOFOLLOW) !== 0) throw syscallError("fchownat", name);
}

/** fchmodat(2), which follows links: only for names that are known to be none. */
export function chmodAt(dir: number, name: Name, mode: number): void {
  if (c.fchmodat(dir, cName(name), mode, 0) !== 0) throw syscallError("fchmodat", name);
}

/** As {@link chmodAt}, also where somebody may put a link in the name's place meanwhile: throws ENOTSUP for one. */
export function chmodNoFollowAt(dir: number, name: Name, mode: number): void {
  const fd = openAt(dir, name, O_PATH | O_NOFOLLOW);
  try {
    chmodAt(AT_FDCWD, `/proc/self/fd/${fd}`, mode);
  } finally {
    closeFd(fd);
  }
}

/** Times in nanoseconds since the epoch. */
export function setTimesAt(dir: number, name: Name, atime: bigint, mtime: bigint): void {
  if (c.utimensat(dir, cName(name), timespecs(atime, mtime), AT_SYMLINK_NOFOLLOW) !== 0)
    throw syscallError("utimensat", name);
}

export function setFdTimes(fd: number, atime: bigint, mtime: bigint): void {
  if (c.futimens(fd, timespecs(atime, mtime)) !== 0) throw syscallError("futimens");
}

/** The names in the directory opened as `fd` (not with O_PATH), without `.` and `..`, as the kernel lists them. */
export function readDir(fd: number): Uint8Array[] {
  return Array.from(dirEntries(fd), ({ name }) => name);
}

/** As {@link readDir}, with what the file system says each name is without being asked for it; it may not know. */
export function* dirEntries(
  fd: number,
): Generator<{ name: Uint8Array; type: "directory" | "other" | "unknown" }> {
  const buffer = Buffer.allocUnsafe(65536);
  for (;;) {
    const length = Number(c.getdents64(fd, buffer, buffer.length));
    if (length < 0) throw syscallError("getdents64");
    if (length === 0) return;
    for (let at = 0; at < length; at += buffer.readUInt16LE(at + 16)) {
      const name = buffer.subarray(at + 19, buffer.indexOf(0, at + 19));
      const type = buffer[at + 18];
      if (isDots(name)) continue;
      yield {
        name: Uint8Array.from(name),
        type: type === DT_DIR ? "directory" : type === DT_UNKNOWN ? "unknown" : "other",
      };
    }
  }
}

function isDots(name: Uint8Array): boolean {
  return name[0] === 46 && (name.length === 1 || (name.length === 2 && name[1] === 46));
}

function timespecs(atime: bigint, mtime: bigint): BigInt64Array {
  const times = new BigInt64Array(4);
  [times[0], times[1]] = split(atime);
  [times[2], times[3]] = split(mtime);
  return times;
}

function split(time: bigint): [bigint, bigint] {
  const nanos = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return [(time - nanos) / 1_000_000_000n, nanos];
}

/** glibc's makedev(3). */
function makeDev(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (
    ((high & 0xfffff000n) << 32n) | ((high & 0xfffn) << 8n) | ((low & 0xffffff00n) << 12n) | (low & 0xffn)
  );
}
