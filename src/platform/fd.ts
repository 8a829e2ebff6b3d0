/**
 * File descriptors: open, read, write, holes, clones. All calls are synchronous, so they belong on a worker thread
 * where there are many. On Node, `node:fs` stands in for most, a native addon for openat2 and the copying calls.
 */
import { constants } from "node:fs";
import { lastErrno, libc } from "./libc.ts";
import { cName, syscallError, type Name } from "./syscall-error.ts";

const c = libc({
  openat: { args: ["i32", "ptr", "i32", "u32"], returns: "i32" },
  syscall: { args: ["i64", "i64", "ptr", "ptr", "u64"], returns: "i64" },
  close: { args: ["i32"], returns: "i32" },
  pread: { args: ["i32", "ptr", "u64", "i64"], returns: "i64" },
  pwrite: { args: ["i32", "ptr", "u64", "i64"], returns: "i64" },
  ftruncate: { args: ["i32", "i64"], returns: "i32" },
  lseek: { args: ["i32", "i64", "i32"], returns: "i64" },
  fallocate: { args: ["i32", "i32", "i64", "i64"], returns: "i32" },
  copy_file_range: { args: ["i32", "ptr", "i32", "ptr", "u64", "u32"], returns: "i64" },
  ioctl: { args: ["i32", "u64", "i64"], returns: "i32" },
  fchown: { args: ["i32", "u32", "u32"], returns: "i32" },
  fchmod: { args: ["i32", "u32"], returns: "i32" },
  syncfs: { args: ["i32"], returns: "i32" },
});

export const AT_FDCWD = -100;
export const O_PATH = 0x200000;
export const O_CLOEXEC = 0o2000000;
export const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } =
  constants;

/** openat2(2), "resolve": no crossing of mounts; no magic links; no links; stay beneath; the directory is the root. */
export const RESOLVE_NO_XDEV = 1;
export const RESOLVE_NO_MAGICLINKS = 2;
export const RESOLVE_NO_SYMLINKS = 4;
export const RESOLVE_BENEATH = 8;
export const RESOLVE_IN_ROOT = 16;

const SYS_openat2 = 437;
const FICLONE = 0x40049409;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/** openat(2), close-on-exec. The caller closes. Throws a {@link SyscallError}, as every call of this file. */
export function openAt(dir: number, name: Name, flags: number, mode = 0): number {
  const fd = c.openat(dir, cName(name), flags | O_CLOEXEC, mode);
  if (fd < 0) throw syscallError("openat", name);
  return fd;
}

/** openat2(2): as {@link openAt}, the walk confined by `resolve`. Tries again while the tree is being changed. */
export function openConfined(dir: number, name: Name, flags: number, resolve: number, mode = 0): number {
  const how = new BigUint64Array([BigInt(flags | O_CLOEXEC), BigInt(mode), BigInt(resolve)]);
  for (let attempt = 0; ; attempt += 1) {
    const fd = Number(c.syscall(SYS_openat2, dir, cName(name), how, how.byteLength));
    if (fd >= 0) return fd;
    const errno = lastErrno();
    if (errno !== 11 || attempt === 100) throw syscallError("openat2", name, errno);
  }
}

/** close(2). Throws a `SyscallError`. */
export function closeFd(fd: number): void {
  if (c.close(fd) !== 0) throw syscallError("close");
}

/** Fills as much of `into` as the file has from `offset` on; the number of bytes read. */
export function readAt(fd: number, into: Uint8Array, offset: number): number {
  let done = 0;
  while (done < into.length) {
    const rest = done === 0 ? into : into.subarray(done);
    const count = Number(c.pread(fd, rest, rest.length, offset + done));
    if (count < 0) throw syscallError("pread");
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** Writes all of `bytes` at `offset`. */
export function writeAt(fd: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length;) {
    const rest = done === 0 ? bytes : bytes.subarray(done);
    const count = Number(c.pwrite(fd, rest, rest.length, offset + done));
    if (count < 0) throw syscallError("pwrite");
    done += count;
  }
}

export function truncateFd(fd: number, size: number): void {
  if (c.ftruncate(fd, size) !== 0) throw syscallError("ftruncate");
}

/** Reserves blocks for the first `size` bytes; false where the file system cannot. Throws ENOSPC. */
export function allocateFd(fd: number, size: number): boolean {
  if (c.fallocate(fd, 1, 0, size) === 0) return true;
  const error = syscallError("fallocate");
  if (error.code === "EOPNOTSUPP" || error.code === "ENOSYS") return false;
  throw error;
}

/** The stretches of the file that hold data, as `{ offset, length }` in order. A file system without holes: one. */
export function* dataExtents(fd: number, size: number): Generator<{ offset: number; length: number }> {
  for (let at = 0; at < size;) {
    const start = Number(c.lseek(fd, at, SEEK_DATA));
    if (start < 0) {
      if (lastErrno() === 6) return;
      yield { offset: at, length: size - at };
      return;
    }
    if (start >= size) return;
    const hole = Number(c.lseek(fd, start, SEEK_HOLE));
    const end = hole <= start || hole > size ? size : hole;
    yield { offset: start, length: end - start };
    at = end;
  }
}

/** Makes `to` share the blocks of `from` (reflink); false where the file system cannot. */
export function cloneFd(from: number, to: number): boolean {
  return c.ioctl(to, FICLONE, from) === 0;
}

/** copy_file_range(2): copies inside the kernel; the number of bytes copied, 0 at the end of `from`. */
export function copyRange(from: number, to: number, offset: number, length: number): number {
  const offsets = new BigInt64Array([BigInt(offset), BigInt(offset)]);
  const count = Number(
    c.copy_file_range(from, offsets.subarray(0, 1), to, offsets.subarray(1, 2), length, 0),
  );
  if (count < 0) throw syscallError("copy_file_range");
  return count;
}

export function chownFd(fd: number, uid: number, gid: number): void {
  if (c.fchown(fd, uid, gid) !== 0) throw syscallError("fchown");
}

export function chmodFd(fd: number, mode: number): void {
  if (c.fchmod(fd, mode) !== 0) throw syscallError("fchmod");
}

/** Flushes the whole file system that holds `fd`. */
export function syncFileSystem(fd: number): void {
  if (c.syncfs(fd) !== 0) throw syscallError("syncfs");
}
