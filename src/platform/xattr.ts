/**
 * Extended attributes of a name in an open directory, links not followed. The kernel has no `…at` form before 6.13,
 * so the walk goes through `/proc/self/fd`. On Node a native addon would stand in.
 */
import { decodeBytes, encodeBytes } from "../internal/byte-string.ts";
import { AT_FDCWD } from "./fd.ts";
import { libc } from "./libc.ts";
import { cName, syscallError, type Name, errnoOf } from "./syscall-error.ts";

const c = libc({
  lsetxattr: { args: ["ptr", "ptr", "ptr", "u64", "i32"], returns: "i32" },
  lgetxattr: { args: ["ptr", "ptr", "ptr", "u64"], returns: "i64" },
  flistxattr: { args: ["i32", "ptr", "u64"], returns: "i64" },
  llistxattr: { args: ["ptr", "ptr", "u64"], returns: "i64" },
  lremovexattr: { args: ["ptr", "ptr"], returns: "i32" },
});

const SLASH = 0x2f;

/** Throws a `SyscallError`: EPERM, ENOTSUP, ENOSPC … */
export function setXattr(dir: number, name: Name, key: string, value: Uint8Array): void {
  // A pointer to nothing is no pointer for the FFI: an empty value goes as the first 0 bytes of one.
  const from = value.length === 0 ? new Uint8Array(1) : value;
  if (c.lsetxattr(path(dir, name), cName(key), from, value.length, 0) !== 0)
    throw syscallError(`lsetxattr ${key}`, name);
}

/** Undefined when the name has no such attribute, or the file system has none at all. */
export function getXattr(dir: number, name: Name, key: string): Uint8Array | undefined {
  const [at, attribute] = [path(dir, name), cName(key)];
  for (let size = 256; ; size = 65536) {
    const buffer = new Uint8Array(size);
    const length = Number(c.lgetxattr(at, attribute, buffer, size));
    if (length >= 0) return buffer.slice(0, length);
    const error = syscallError(`lgetxattr ${key}`, name);
    if (error.code === "ENODATA" || error.code === "ENOTSUP" || error.code === "EOPNOTSUPP") return undefined;
    if (error.code !== "ERANGE" || size === 65536) throw error;
  }
}

/** The keys, in the kernel's order. */
export function listXattrs(dir: number, name: Name): string[] {
  const at = path(dir, name);
  return keysFrom((buffer, size) => c.llistxattr(at, buffer, size), name);
}

/** The keys of a file that is open for reading, in the kernel's order: many times as quick as by name. */
export function listFdXattrs(fd: number): string[] {
  return keysFrom((buffer, size) => c.flistxattr(fd, buffer, size), "");
}

function keysFrom(list: (buffer: Uint8Array, size: number) => number | bigint, name: Name): string[] {
  for (let size = 1024; ; size = 65536) {
    const buffer = Buffer.allocUnsafe(size);
    const length = Number(list(buffer, size));
    if (length === 0) return [];
    if (length > 0) return decodeBytes(buffer.subarray(0, length - 1)).split("\0");
    const error = syscallError("listxattr", name);
    if (error.code === "ENOTSUP" || error.code === "EOPNOTSUPP") return [];
    if (error.code !== "ERANGE" || size === 65536) throw error;
  }
}

/** No error when it was not there. */
export function removeXattr(dir: number, name: Name, key: string): void {
  if (c.lremovexattr(path(dir, name), cName(key)) === 0) return;
  const error = syscallError(`lremovexattr ${key}`, name);
  if (errnoOf(error) !== "ENODATA") throw error;
}

function path(dir: number, name: Name): Uint8Array {
  const bytes = typeof name === "string" ? encodeBytes(name) : name;
  if (dir === AT_FDCWD || bytes[0] === SLASH) return cName(bytes);
  const rest = bytes.length === 0 ? Buffer.from(".") : bytes;
  return cName(Buffer.concat([Buffer.from(`/proc/self/fd/${dir}/`), rest]));
}
