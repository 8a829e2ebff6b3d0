/**
 * Calls into the C library, errno included. On Node a native addon or `koffi` would stand in for `bun:ffi`.
 */
import { dlopen, read, type FFIFunction, type Library } from "bun:ffi";

const errnoSymbol = { __errno_location: { args: [], returns: "ptr" } } as const;
const errno = dlopen("libc.so.6", errnoSymbol).symbols.__errno_location;

/** The C library functions named in `symbols`, as `bun:ffi` types them. */
export function libc<const S extends Record<string, FFIFunction>>(symbols: S): Library<S>["symbols"] {
  return dlopen("libc.so.6", symbols).symbols;
}

/** errno of this thread: read it right after the call that failed. */
export function lastErrno(): number {
  const at = errno();
  return at === null ? 0 : read.i32(at);
}

/** A NUL-terminated copy of `text`; bytes pass unchanged, so names that are not UTF-8 work. Throws on an inner NUL. */
export function cString(text: string | Uint8Array): Uint8Array {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  if (bytes.includes(0)) throw new TypeError("NUL byte in a C string");
  const out = new Uint8Array(bytes.length + 1);
  out.set(bytes);
  return out;
}
