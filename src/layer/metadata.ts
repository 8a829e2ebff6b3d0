import { SlipwayError } from "../errors.ts";
import { chmodNoFollowAt, chownAt, setFdTimes, setTimesAt } from "../platform/dir-at.ts";
import { chmodFd, chownFd } from "../platform/fd.ts";
import { isDirectory, statAtIfAny } from "../platform/stat.ts";
import { errnoOf } from "../platform/syscall-error.ts";
import { setXattr } from "../platform/xattr.ts";
import type { ConfinedRoot } from "./confined-root.ts";
import { entryPath } from "./entry-name.ts";
import { isOverlayXattr } from "./overlay-marks.ts";
import { tarTypes, type TarHeader } from "./tar/tar-header.ts";

const DEFAULT_ACL = "system.posix_acl_default";
/** chown takes 2^32-1 for "leave as it is", so no file can belong to it. */
const MAX_ID = 2 ** 32 - 2;

/** Owner, mode, attributes, times of an open file, in the order in which none undoes another. */
export function setFileMetadata(fd: number, dir: number, base: string, header: TarHeader): void {
  checkOwner(header);
  chownFd(fd, header.uid, header.gid);
  chmodFd(fd, header.mode & 0o7777);
  setXattrs(dir, base, header);
  setFdTimes(fd, header.mtime, header.mtime);
}

/** The same for what is not a regular file. Links have no mode. Times and default ACLs of directories come later. */
export function setNodeMetadata(dir: number, base: string, header: TarHeader): void {
  checkOwner(header);
  chownAt(dir, base, header.uid, header.gid);
  if (header.type !== tarTypes.symlink) chmodNoFollowAt(dir, base, header.mode & 0o7777);
  setXattrs(dir, base, header);
  if (header.type !== tarTypes.directory) setTimesAt(dir, base, header.mtime, header.mtime);
}

/** What directories get last: times, which every new entry changes, and the ACL that every new entry would take on. */
export class DirectoryMetadata {
  readonly #directories = new Map<string, { mtime: bigint; acl: Uint8Array | undefined }>();

  remember(path: string, header: TarHeader): void {
    this.#directories.set(path, { mtime: header.mtime, acl: header.xattrs.get(DEFAULT_ACL) });
  }

  /** A directory that a later entry replaced is left out. */
  finish(root: ConfinedRoot): void {
    for (const [path, { mtime, acl }] of this.#directories) {
      const { parent, base } = entryPath(path);
      const dir = root.existing(parent);
      const name = base || ".";
      const stat = dir === undefined ? undefined : statAtIfAny(dir, name);
      if (dir === undefined || stat === undefined || !isDirectory(stat)) continue;
      if (acl !== undefined) trySetXattr(dir, name, DEFAULT_ACL, acl);
      setTimesAt(dir, name, mtime, mtime);
    }
  }
}

function checkOwner(header: TarHeader): void {
  const isOwner = header.uid >= 0 && header.uid <= MAX_ID && header.gid >= 0 && header.gid <= MAX_ID;
  if (isOwner) return;
  const name = header.name.slice(0, 200).toWellFormed();
  throw new SlipwayError("invalid_argument", `Invalid entry "${name}": owner ${header.uid}:${header.gid}`);
}

function setXattrs(dir: number, base: string, header: TarHeader): void {
  for (const [key, value] of header.xattrs) {
    if (key !== DEFAULT_ACL && !isOverlayXattr(key)) trySetXattr(dir, base, key, value);
  }
}

/**
 * An attribute that the file system has no place for (an SELinux label on a host without SELinux, `user.*` on a
 * link) is left out, as Docker does; any other failure is one.
 */
function trySetXattr(dir: number, base: string, key: string, value: Uint8Array): void {
  try {
    setXattr(dir, base, key, value);
  } catch (error) {
    const code = errnoOf(error);
    const hasNoPlace =
      code === "ENOTSUP" || code === "EOPNOTSUPP" || (code === "EPERM" && key.startsWith("user."));
    if (!hasNoPlace) throw error;
  }
}
