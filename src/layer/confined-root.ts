import { SlipwayError } from "../errors.ts";
import { decodeBytes } from "../internal/byte-string.ts";
import {
  AT_FDCWD,
  closeFd,
  O_DIRECTORY,
  O_PATH,
  openAt,
  openConfined,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_XDEV,
} from "../platform/fd.ts";
import { chmodNoFollowAt, makeDirAt, readLinkAt } from "../platform/dir-at.ts";
import { errnoOf } from "../platform/syscall-error.ts";
import { entryPath } from "./entry-name.ts";

const CONFINED = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
const MAX_OPEN = 64;
const MAX_LINKS = 40;

/**
 * A directory tree that paths are resolved in as if it were the root: symbolic links on the way are followed within
 * it and never out of it, whatever the tree looks like at that moment (openat2(2), RESOLVE_IN_ROOT). Directories once
 * opened are kept, so that a file costs no walk.
 */
export class ConfinedRoot implements Disposable {
  readonly #root: number;
  readonly #resolve: number;
  readonly #open = new Map<string, number>();
  #isStale = false;

  /**
   * `crossesMounts`: what is mounted below `directory` belongs to the tree. Throws a `SyscallError` when `directory`
   * cannot be opened.
   */
  constructor(directory: string, crossesMounts = false) {
    this.#resolve = crossesMounts ? CONFINED : CONFINED | RESOLVE_NO_XDEV;
    this.#root = openAt(AT_FDCWD, directory, O_PATH | O_DIRECTORY);
  }

  /**
   * The open directory `path` (as `entryPath` gives it), made with mode 0755 where it is missing. It stays open until
   * the next call but one at least; the root closes it. Throws `invalid_argument` when a file is in the way.
   */
  directory(path: string): number {
    if (this.#isStale) this.#closeAll();
    return this.#fd(path, 0);
  }

  /** As {@link directory}, but undefined when there is none within the root. */
  existing(path: string): number | undefined {
    if (this.#isStale) this.#closeAll();
    if (path === "") return this.#root;
    const fd = this.#open.get(path) ?? this.#tryOpen(path, true);
    return fd === undefined ? undefined : this.#keep(path, fd);
  }

  /** A directory or link was removed or replaced: nothing that was resolved before counts from the next call on. */
  changed(): void {
    this.#isStale = true;
  }

  [Symbol.dispose](): void {
    this.#closeAll();
    closeFd(this.#root);
  }

  #fd(path: string, depth: number): number {
    if (path === "") return this.#root;
    return this.#keep(path, this.#open.get(path) ?? this.#openOrMake(path, depth));
  }

  #keep(path: string, fd: number): number {
    this.#open.delete(path);
    this.#open.set(path, fd);
    if (this.#open.size <= MAX_OPEN) return fd;
    for (const [oldest, oldFd] of this.#open) {
      this.#open.delete(oldest);
      closeFd(oldFd);
      break;
    }
    return fd;
  }

  #openOrMake(path: string, depth: number): number {
    const fd = this.#tryOpen(path);
    if (fd !== undefined) return fd;
    if (depth > MAX_LINKS) throw inTheWay(path, undefined);
    const slash = path.lastIndexOf("/");
    const parent = slash < 0 ? this.#root : this.#fd(path.slice(0, slash), depth);
    const base = path.slice(slash + 1);
    try {
      makeDirAt(parent, base, 0o755);
      chmodNoFollowAt(parent, base, 0o755);
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
      this.#makeLinked(parent, base, path, depth);
    }
    const made = this.#tryOpen(path);
    if (made === undefined) throw inTheWay(path, undefined);
    return made;
  }

  /** A link to a directory that is not there, as in Docker: what it means within the root is made. */
  #makeLinked(parent: number, base: string, path: string, depth: number): void {
    const target = linkTarget(parent, base);
    if (target === undefined) throw inTheWay(path, undefined);
    const from = target.startsWith("/") ? "" : `${path}/..`;
    this.#fd(entryPath(`/${from}/${target}`).path, depth + 1);
  }

  #tryOpen(path: string, isBlockedNone = false): number | undefined {
    try {
      return openConfined(this.#root, path, O_PATH | O_DIRECTORY, this.#resolve);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      const isBlocked = ["ENOTDIR", "ELOOP", "EXDEV"].includes(errnoOf(error) ?? "");
      if (isBlocked && isBlockedNone) return undefined;
      throw isBlocked ? inTheWay(path, error) : error;
    }
  }

  #closeAll(): void {
    for (const fd of this.#open.values()) closeFd(fd);
    this.#open.clear();
    this.#isStale = false;
  }
}

/** Undefined for what is no link. */
function linkTarget(dir: number, base: string): string | undefined {
  try {
    return decodeBytes(readLinkAt(dir, base));
  } catch (error) {
    if (errnoOf(error) === "EINVAL") return undefined;
    throw error;
  }
}

function inTheWay(path: string, cause: unknown): SlipwayError {
  const message = `Invalid entry below "${path.slice(0, 200).toWellFormed()}": not a directory within the root`;
  return new SlipwayError("invalid_argument", message, { cause });
}
