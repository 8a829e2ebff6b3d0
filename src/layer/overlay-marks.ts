/** How the overlay file system writes whiteouts (kernel, Documentation/filesystems/overlayfs.rst). */
import { makeNodeAt } from "../platform/dir-at.ts";
import { S_IFCHR, S_IFMT, type FileStat } from "../platform/stat.ts";
import type { Name } from "../platform/syscall-error.ts";
import { getXattr, setXattr } from "../platform/xattr.ts";

/** `trusted` needs CAP_SYS_ADMIN of the host; in a user namespace the overlay is mounted `userxattr`. */
export type OverlayXattrs = "trusted" | "user";

const YES = Uint8Array.of(0x79);

/** Hides `name` of the layers below: a character device 0/0. */
export function makeWhiteout(dir: number, name: Name): void {
  makeNodeAt(dir, name, S_IFCHR, 0, 0);
}

/** Whether it hides a name of the layers below, as {@link makeWhiteout} makes it. */
export function isWhiteout(stat: FileStat): boolean {
  return (stat.mode & S_IFMT) === S_IFCHR && stat.rdevMajor === 0 && stat.rdevMinor === 0;
}

/** Hides all that the layers below have in the directory. */
export function makeOpaque(dir: number, name: Name, xattrs: OverlayXattrs): void {
  setXattr(dir, name, `${xattrs}.overlay.opaque`, YES);
}

/** Whether the directory hides all that the layers below have in it. */
export function isOpaque(dir: number, name: Name, xattrs: OverlayXattrs): boolean {
  return getXattr(dir, name, `${xattrs}.overlay.opaque`)?.[0] === YES[0];
}

/** The driver's own attributes: no part of the tree, and never taken from an archive. */
export function isOverlayXattr(key: string): boolean {
  return key.startsWith("trusted.overlay.") || key.startsWith("user.overlay.");
}
