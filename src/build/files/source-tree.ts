import { readdirSync, readlinkSync } from "node:fs";
import { SlipwayError } from "../../errors.ts";
import { AT_FDCWD, closeFd, O_DIRECTORY, O_RDONLY, openAt } from "../../platform/fd.ts";
import {
  isDirectory,
  NameStats,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  type NameStat,
} from "../../platform/stat.ts";

/** One name below a directory that files are taken from. */
export interface TreeEntry {
  /** Relative to the tree's root, `/` between names, no leading slash. */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink" | "other";
  /** permission bits, with setuid, setgid and sticky */
  readonly mode: number;
  /** bytes; 0 for anything but a file */
  readonly size: number;
  /** A number for device and inode; seldom, two have the same. */
  readonly bucket: number;
  /** Device, inode, size, mtime and ctime: the same stamp is the same content of the same file. */
  readonly stamp: string;
  /** seconds since the epoch, and nanoseconds of the next */
  readonly mtime: number;
  readonly mtimeNs: number;
  /** milliseconds since the epoch */
  readonly ctimeMs: number;
  /** For a symbolic link: what it says. */
  readonly target?: string;
  /** For a further name of a file met before: the first name. */
  readonly linkTo?: string;
}

/** Says which paths of a tree are as if they were not there. */
export interface Ignore {
  ignores(path: string): boolean;
  /** True when nothing below the directory can be taken, so that it need not be read. */
  skipsDirectory(path: string): boolean;
  /** Some pattern takes paths back in (`!`). */
  readonly hasExceptions: boolean;
}

/** A directory whose files may be taken: the build context, a stage, an image. */
export interface SourceTree {
  /** Absolute path on the host. */
  readonly root: string;
  readonly ignore?: Ignore | undefined;
  /** Device and inode numbers mean the same tomorrow, so that content hashes may be kept by them. */
  readonly isLasting?: boolean;
}

/**
 * Everything at and below `path`, parents before children, names in order. Ignored names are left out; a directory
 * that is ignored itself but holds taken files stays. Throws `not_found` when `path` is not there.
 */
export function walkTree(tree: SourceTree, path: string): TreeEntry[] {
  const walk = new TreeWalk(tree);
  const stat = lstat(tree, path);
  if (!isDirectory(stat)) return tree.ignore?.ignores(path) === true ? [] : [walk.entry(path, stat)];
  if (path !== "") walk.entries.push(walk.entry(path, stat));
  walk.directory(path);
  return walk.entries;
}

/** The name itself, without following a link. Throws `not_found`. */
export function lstat(tree: SourceTree, path: string): NameStat {
  const stat = new NameStats().look(AT_FDCWD, `${tree.root}/${path}`);
  if (stat === undefined) throw new SlipwayError("not_found", `"/${path}": not found`);
  return stat;
}

/** The one entry of a path. Throws `not_found`. */
export function treeEntry(tree: SourceTree, path: string): TreeEntry {
  return new TreeWalk(tree).entry(path, lstat(tree, path));
}

const kinds: ReadonlyMap<number, TreeEntry["kind"]> = new Map([
  [S_IFREG, "file"],
  [S_IFDIR, "directory"],
  [S_IFLNK, "symlink"],
]);

class TreeWalk {
  readonly entries: TreeEntry[] = [];
  readonly #tree: SourceTree;
  readonly #links = new Map<string, string>();
  readonly #stats = new NameStats();

  constructor(tree: SourceTree) {
    this.#tree = tree;
  }

  directory(path: string): void {
    const { root, ignore } = this.#tree;
    const prefix = path === "" ? "" : `${path}/`;
    const names = readdirSync(`${root}/${path}`).sort();
    const dir = openAt(AT_FDCWD, `${root}/${path}`, O_RDONLY | O_DIRECTORY);
    try {
      for (const name of names) {
        const child = prefix + name;
        const isIgnored = ignore?.ignores(child) === true;
        if (isIgnored && ignore?.skipsDirectory(child) === true) continue;
        const stat = this.#stats.look(dir, name);
        if (stat === undefined || (isIgnored && !isDirectory(stat))) continue;
        if (isDirectory(stat)) this.#subdirectory(child, stat, isIgnored);
        else this.entries.push(this.entry(child, stat));
      }
    } finally {
      closeFd(dir);
    }
  }

  /** An ignored directory is there only for what it holds. */
  #subdirectory(path: string, stat: NameStat, isIgnored: boolean): void {
    const at = this.entries.length;
    this.entries.push(this.entry(path, stat));
    this.directory(path);
    if (isIgnored && this.entries.length === at + 1) this.entries.pop();
  }

  entry(path: string, stat: NameStat): TreeEntry {
    const type = stat.mode & S_IFMT;
    const kind = kinds.get(type) ?? "other";
    const entry = {
      path,
      kind,
      mode: stat.mode & 0o7777,
      size: kind === "file" ? stat.size : 0,
      bucket: stat.bucket,
      stamp: stat.stamp,
      mtime: stat.mtime,
      mtimeNs: stat.mtimeNs,
      ctimeMs: stat.ctimeMs,
    };
    if (kind === "symlink") return { ...entry, target: readlinkSync(`${this.#tree.root}/${path}`) };
    const first = kind === "file" && stat.nlink > 1 ? this.#firstName(path, stat) : undefined;
    return first === undefined ? entry : { ...entry, linkTo: first };
  }

  #firstName(path: string, stat: NameStat): string | undefined {
    const first = this.#links.get(stat.stamp);
    if (first === undefined) this.#links.set(stat.stamp, path);
    return first;
  }
}
