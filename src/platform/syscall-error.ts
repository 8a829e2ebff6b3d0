import { decodeBytes, encodeBytes } from "../internal/byte-string.ts";
import { errnoName } from "./errno.ts";
import { lastErrno } from "./libc.ts";

/** The names of system calls take byte strings or raw bytes. */
export type Name = string | Uint8Array;

/** A failed system call, shaped as Node's own: `code` is the errno's name. */
export interface SyscallError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
}

/** The error of the call that just failed on this thread: `mkdirat "etc": EEXIST`. */
export function syscallError(syscall: string, name: Name = "", errno: number = lastErrno()): SyscallError {
  const code = errnoName(errno);
  const text = typeof name === "string" ? name : decodeBytes(name);
  const what = text === "" ? syscall : `${syscall} "${text.toWellFormed()}"`;
  const why = code === "ENOSPC" ? "no space left on device" : code;
  return Object.assign(new Error(`${what}: ${why}`), { code, errno, syscall });
}

/** The errno's name of a failed system call (or of any Node error); undefined for other errors. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** `name` as C wants it. Throws EINVAL on an inner NUL. */
export function cName(name: Name): Uint8Array {
  const bytes = typeof name === "string" && name.isWellFormed() ? Buffer.from(`${name}\0`) : terminated(name);
  if (bytes.indexOf(0) !== bytes.length - 1) throw syscallError("name", name, 22);
  return bytes;
}

function terminated(name: Name): Uint8Array {
  const bytes = typeof name === "string" ? encodeBytes(name) : name;
  const out = new Uint8Array(bytes.length + 1);
  out.set(bytes);
  return out;
}
