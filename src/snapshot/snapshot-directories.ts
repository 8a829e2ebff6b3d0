import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { chmodAt, chownAt, RENAME_EXCHANGE, renameAt, setTimesAt } from "../platform/dir-at.ts";
import { AT_FDCWD } from "../platform/fd.ts";
import { statAt } from "../platform/stat.ts";
import { getXattr, listXattrs, setXattr } from "../platform/xattr.ts";

/** The directories `<root>/<id>/{fs,work}`. Synchronous: a handful of calls each. */
export class SnapshotDirectories {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
    mkdirSync(root, { recursive: true, mode: 0o711 });
  }

  directory(id: number): string {
    return join(this.root, String(id));
  }

  fs(id: number): string {
    return join(this.root, String(id), "fs");
  }

  work(id: number): string {
    return join(this.root, String(id), "work");
  }

  /** Makes `fs` and, on a parent, `work`. The root directory looks as the parent's does: it hides that one. */
  make(id: number, parent: number | undefined): void {
    mkdirSync(this.directory(id), { mode: 0o711 });
    mkdirSync(this.fs(id), { mode: 0o755 });
    chmodAt(AT_FDCWD, this.fs(id), 0o755);
    if (parent === undefined) return;
    mkdirSync(this.work(id), { mode: 0o700 });
    copyRootAttributes(this.fs(parent), this.fs(id));
  }

  /** A committed snapshot has no use for its work directory. */
  dropWork(id: number): void {
    rmSync(this.work(id), { recursive: true, force: true });
  }

  exists(id: number): boolean {
    return existsSync(this.fs(id));
  }

  has(name: string): boolean {
    return existsSync(join(this.root, name));
  }

  /** The directory of `id` becomes that of `fresh`; what it was is `fresh` from then on, if it was there. */
  replace(id: number, fresh: number): void {
    const flags = existsSync(this.directory(id)) ? RENAME_EXCHANGE : 0;
    renameAt(AT_FDCWD, this.directory(fresh), AT_FDCWD, this.directory(id), flags);
  }

  /** Everything below the root: ids, and names that are none. */
  list(): string[] {
    return readdirSync(this.root);
  }
}

function copyRootAttributes(from: string, to: string): void {
  const stat = statAt(AT_FDCWD, from);
  chownAt(AT_FDCWD, to, stat.uid, stat.gid);
  chmodAt(AT_FDCWD, to, stat.mode & 0o7777);
  for (const key of listXattrs(AT_FDCWD, from)) {
    const value = key.includes(".overlay.") ? undefined : getXattr(AT_FDCWD, from, key);
    if (value !== undefined) setXattr(AT_FDCWD, to, key, value);
  }
  setTimesAt(AT_FDCWD, to, stat.atime, stat.mtime);
}
