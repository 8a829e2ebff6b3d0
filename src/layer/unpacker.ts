import { SlipwayError } from "../errors.ts";
import { linkAt, makeDirAt, makeNodeAt, symlinkAt } from "../platform/dir-at.ts";
import {
  closeFd,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_WRONLY,
  openAt,
  truncateFd,
  writeAt,
} from "../platform/fd.ts";
import { removeTreeAt } from "../platform/remove-tree.ts";
import { isDirectory, S_IFBLK, S_IFCHR, S_IFIFO, statAtIfAny } from "../platform/stat.ts";
import { errnoOf } from "../platform/syscall-error.ts";
import { ConfinedRoot } from "./confined-root.ts";
import { entryPath, parseWhiteout, type EntryPath, type Whiteout } from "./entry-name.ts";
import { DirectoryMetadata, setFileMetadata, setNodeMetadata } from "./metadata.ts";
import { isWhiteout, makeOpaque, makeWhiteout, type OverlayXattrs } from "./overlay-marks.ts";
import { tarTypes, type TarHeader } from "./tar/tar-header.ts";
import type { TarEvent } from "./tar/tar-parser.ts";

interface OpenFile {
  readonly fd: number;
  readonly dir: number;
  readonly base: string;
  readonly header: TarHeader;
  readonly isSparse: boolean;
}

export interface UnpackerOptions {
  readonly xattrs: OverlayXattrs;
  /** An archive that is no layer (a build context, ADD): `.wh.` names are names like any other. */
  readonly isPlain?: boolean;
  /** Set for an archive that goes into a tree in use, with what is mounted there. */
  readonly target?: UnpackTarget;
}

/** Where in a tree an archive goes, and what it may do there. */
export interface UnpackTarget {
  /** Every entry goes below this directory of the tree (as `entryPath` gives it); its own metadata stay. */
  readonly path: string;
  /** A directory never takes the place of something else, nor the other way round. */
  readonly keepsKinds: boolean;
  /** Names that begin with `from` begin with `to` instead. */
  readonly rename?: { readonly from: string; readonly to: string } | undefined;
  /** Owner of all that is unpacked. Default: as the archive says. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Puts the entries of a layer into a directory (image-spec, layer.md, "Applying Changesets"): the layer's own tree,
 * with whiteouts as the overlay writes them. Synchronous, so it belongs on a worker. Feed it a parser's events, then
 * call {@link finish}. Throws `invalid_argument` for what is hostile or makes no sense; the directory then holds a
 * part and is to be thrown away. An entry of a name that is there replaces it, as in Docker.
 */
export class Unpacker implements Disposable {
  readonly #root: ConfinedRoot;
  readonly #xattrs: OverlayXattrs;
  readonly #isPlain: boolean;
  readonly #target: UnpackTarget | undefined;
  readonly #directories = new DirectoryMetadata();
  #file: OpenFile | undefined;

  constructor(directory: string, options: UnpackerOptions) {
    this.#root = new ConfinedRoot(directory, options.target !== undefined);
    this.#target = options.target;
    this.#xattrs = options.xattrs;
    this.#isPlain = options.isPlain === true;
  }

  handle(event: TarEvent): void {
    if (event.kind === "data") {
      if (this.#file !== undefined) writeAt(this.#file.fd, event.bytes, event.offset);
    } else if (event.kind === "end") this.#endFile();
    else this.#entry(event.header, event.isSparse);
  }

  /** Directories get their times once nothing is written into them any more. */
  finish(): void {
    this.#directories.finish(this.#root);
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeFd(this.#file.fd);
    this.#file = undefined;
    this.#root[Symbol.dispose]();
  }

  #entry(header: TarHeader, isSparse: boolean): void {
    if (header.type === tarTypes.paxGlobal) return;
    const at = this.#place(header.name);
    if (this.#target !== undefined && at.path === this.#target.path) return;
    const whiteout: Whiteout = this.#isPlain ? { kind: "none" } : parseWhiteout(at.base);
    if (whiteout.kind === "ignored") return;
    const dir = at.path === "" ? this.#root.directory("") : this.#root.directory(at.parent);
    if (whiteout.kind === "opaque") makeOpaque(dir, "", this.#xattrs);
    else if (whiteout.kind === "name") this.#whiteout(dir, whiteout.base);
    else if (at.path === "") this.#rootEntry(header, dir);
    else this.#make(this.#owned(header, dir, at), isSparse, dir, at);
  }

  #place(name: string): EntryPath {
    if (this.#target === undefined) return entryPath(name);
    const { path, rename } = this.#target;
    const isRenamed = rename !== undefined && name.startsWith(rename.from);
    const at = entryPath(isRenamed ? rename.to + name.slice(rename.from.length) : name);
    return entryPath(`${path}/${at.path}`);
  }

  /** The header as it is to be unpacked. Throws `invalid_argument`, in Docker's words, for a change of kind. */
  #owned(header: TarHeader, dir: number, at: EntryPath): TarHeader {
    const { keepsKinds = false, owner } = this.#target ?? {};
    if (keepsKinds) {
      const existing = statAtIfAny(dir, at.base);
      const isNewDirectory = header.type === tarTypes.directory;
      if (existing !== undefined && isDirectory(existing) !== isNewDirectory)
        throw new SlipwayError("invalid_argument", kindChange(at.path, isNewDirectory));
    }
    return owner === undefined ? header : { ...header, ...owner };
  }

  /** A whiteout hides the layers below, never what this layer itself brings. */
  #whiteout(dir: number, base: string): void {
    const existing = statAtIfAny(dir, base);
    if (existing === undefined) makeWhiteout(dir, base);
    else if (isDirectory(existing)) makeOpaque(dir, base, this.#xattrs);
  }

  #rootEntry(header: TarHeader, dir: number): void {
    if (header.type !== tarTypes.directory) throw refused(header, "the root is a directory");
    setNodeMetadata(dir, ".", header);
    this.#directories.remember("", header);
  }

  #make(header: TarHeader, isSparse: boolean, dir: number, at: EntryPath): void {
    switch (header.type) {
      case tarTypes.file:
      case tarTypes.contiguous:
      case tarTypes.gnuSparse:
        this.#startFile(header, isSparse, dir, at.base);
        break;
      case tarTypes.directory:
        this.#directory(header, dir, at);
        break;
      case tarTypes.hardLink:
        this.#hardLink(header, at);
        break;
      case tarTypes.symlink:
        if (header.linkname === "") throw refused(header, "symbolic link to nothing");
        this.#replace(dir, at.base, () => symlinkAt(header.linkname, dir, at.base));
        setNodeMetadata(dir, at.base, header);
        break;
      default:
        this.#node(header, dir, at.base);
    }
  }

  #startFile(header: TarHeader, isSparse: boolean, dir: number, base: string): void {
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    const fd = this.#replace(dir, base, () => openAt(dir, base, flags, header.mode & 0o777));
    this.#file = { fd, dir, base, header, isSparse };
  }

  #endFile(): void {
    const file = this.#file;
    if (file === undefined) return;
    if (file.isSparse) truncateFd(file.fd, file.header.size);
    setFileMetadata(file.fd, file.dir, file.base, file.header);
    this.#file = undefined;
    closeFd(file.fd);
  }

  #directory(header: TarHeader, dir: number, at: EntryPath): void {
    const existing = this.#tryMakeDir(dir, at.base);
    if (existing !== undefined && !isDirectory(existing)) {
      this.#remove(dir, at.base);
      makeDirAt(dir, at.base, 0o700);
      if (isWhiteout(existing)) makeOpaque(dir, at.base, this.#xattrs);
    }
    setNodeMetadata(dir, at.base, header);
    this.#directories.remember(at.path, header);
  }

  /** Undefined when it was made, else what is there. */
  #tryMakeDir(dir: number, base: string): ReturnType<typeof statAtIfAny> {
    try {
      makeDirAt(dir, base, 0o700);
      return undefined;
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
      return statAtIfAny(dir, base);
    }
  }

  #hardLink(header: TarHeader, at: EntryPath): void {
    const target = this.#place(header.linkname);
    if (target.path === at.path) return;
    const from = this.#root.existing(target.parent);
    const existing = from === undefined ? undefined : statAtIfAny(from, target.base || ".");
    if (from === undefined || existing === undefined)
      throw refused(header, "hard link to nothing in this layer");
    if (isDirectory(existing)) throw refused(header, "hard link to a directory");
    const dir = this.#root.directory(at.parent);
    this.#replace(dir, at.base, () => linkAt(from, target.base, dir, at.base));
  }

  #node(header: TarHeader, dir: number, base: string): void {
    const bits = nodeTypes.get(header.type);
    if (bits === undefined) throw refused(header, `entry type "${header.type}" is not known`);
    const isNumber = header.devMajor >= 0 && header.devMajor < 2 ** 32 && header.devMinor >= 0;
    if (!isNumber || header.devMinor >= 2 ** 32) throw refused(header, "device number out of range");
    const mode = bits | (header.mode & 0o777);
    try {
      this.#replace(dir, base, () => makeNodeAt(dir, base, mode, header.devMajor, header.devMinor));
    } catch (error) {
      // In a user namespace there are no devices; images that bring some do so for /dev, which a container has of its own.
      if (this.#xattrs === "user" && bits !== S_IFIFO && errnoOf(error) === "EPERM") return;
      throw error;
    }
    setNodeMetadata(dir, base, header);
  }

  /** Makes a name; what is there under it goes first. */
  #replace<T>(dir: number, base: string, make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
      this.#remove(dir, base);
      return make();
    }
  }

  #remove(dir: number, base: string): void {
    removeTreeAt(dir, base);
    this.#root.changed();
  }
}

function kindChange(path: string, isNewDirectory: boolean): string {
  const name = `"/${path.slice(0, 200).toWellFormed()}"`;
  return isNewDirectory
    ? `cannot overwrite non-directory ${name} with directory`
    : `cannot overwrite directory ${name} with non-directory`;
}

const nodeTypes = new Map<string, number>([
  [tarTypes.charDevice, S_IFCHR],
  [tarTypes.blockDevice, S_IFBLK],
  [tarTypes.fifo, S_IFIFO],
]);

function refused(header: TarHeader, why: string): SlipwayError {
  const name = header.name.slice(0, 200).toWellFormed();
  return new SlipwayError("invalid_argument", `Invalid entry "${name}": ${why}`);
}
