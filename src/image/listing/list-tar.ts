import { createHash, type Hash } from "node:crypto";
import { SlipwayError } from "../../errors.ts";
import { entryPath, parseWhiteout } from "../../layer/entry-name.ts";
import { isOverlayXattr } from "../../layer/overlay-marks.ts";
import { tarTypes, type TarHeader } from "../../layer/tar/tar-header.ts";
import type { TarEvent } from "../../layer/tar/tar-parser.ts";
import { hidingEntry, xattrText, type EntryKind, type LayerEntry } from "./layer-entry.ts";

const CHUNK = 1 << 18;

interface OpenFile {
  readonly header: TarHeader;
  readonly hash: Hash;
  at: number;
}

/**
 * What a layer's tar says of each name, as {@link listDirectory} tells of the same layer unpacked. Feed it the events of
 * a `TarParser`; of a name that comes twice the last entry counts. Throws `invalid_argument` for names that leave the
 * root and links to nothing, `resource_exhausted` when the files are larger than `maxSize` together.
 */
export class TarListing {
  readonly #entries = new Map<string, LayerEntry>();
  readonly #hiding: LayerEntry[] = [];
  readonly #zeros = new Uint8Array(CHUNK);
  readonly #maxSize: number;
  #size = 0;
  #file: OpenFile | undefined;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  handle(event: TarEvent): void {
    if (event.kind === "entry") this.#entry(event.header);
    else if (event.kind === "end") this.#end();
    else if (this.#file !== undefined) {
      this.#skipTo(this.#file, event.offset);
      this.#file.hash.update(event.bytes);
      this.#file.at += event.bytes.length;
    }
  }

  entries(): LayerEntry[] {
    return [...this.#hiding, ...this.#entries.values()];
  }

  #entry(header: TarHeader): void {
    if (header.type === tarTypes.paxGlobal) return;
    const { path, parent, base } = entryPath(header.name);
    const whiteout = parseWhiteout(base);
    if (whiteout.kind === "ignored" || path === "") return;
    if (whiteout.kind === "opaque") this.#hiding.push(hidingEntry("opaque", parent));
    else if (whiteout.kind === "name") {
      const hidden = parent === "" ? whiteout.base : `${parent}/${whiteout.base}`;
      this.#hiding.push(hidingEntry("whiteout", hidden));
    } else if (header.type === tarTypes.hardLink) this.#hardLink(header, path);
    else if (kinds.get(header.type) === "file") this.#file = this.#open(header);
    else this.#add(header, path, undefined);
  }

  #open(header: TarHeader): OpenFile {
    this.#size += header.size;
    if (this.#size > this.#maxSize) {
      throw new SlipwayError("resource_exhausted", `Layer has files of more than ${this.#maxSize} bytes`);
    }
    return { header, hash: createHash("sha256"), at: 0 };
  }

  #end(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    this.#skipTo(file, file.header.size);
    this.#add(file.header, entryPath(file.header.name).path, file.hash.digest("hex"));
  }

  #skipTo(file: OpenFile, offset: number): void {
    while (file.at < offset) {
      const count = Math.min(CHUNK, offset - file.at);
      file.hash.update(this.#zeros.subarray(0, count));
      file.at += count;
    }
  }

  #hardLink(header: TarHeader, path: string): void {
    const target = this.#entries.get(entryPath(header.linkname).path);
    if (target === undefined) {
      const name = header.name.slice(0, 200).toWellFormed();
      throw new SlipwayError(
        "invalid_argument",
        `Invalid entry "${name}": hard link to nothing in this layer`,
      );
    }
    if (target.path !== path) this.#set({ ...target, path, link: target.link ?? target.path });
  }

  #add(header: TarHeader, path: string, sha256: string | undefined): void {
    const kind = kinds.get(header.type);
    if (kind === undefined) return;
    const isDevice = kind === "char" || kind === "block";
    const kept = [...header.xattrs].filter(([key]) => !isOverlayXattr(key) && key !== "security.selinux");
    this.#set({
      path,
      kind,
      mode: kind === "symlink" ? 0o777 : header.mode & 0o7777,
      uid: header.uid,
      gid: header.gid,
      size: kind === "file" ? header.size : 0,
      xattrs: xattrText(kept),
      ...(kind === "symlink" && { target: header.linkname }),
      ...(isDevice && { device: `${header.devMajor}:${header.devMinor}` }),
      ...(sha256 !== undefined && { sha256 }),
    });
  }

  /** What stood below a directory that is none any more goes with it. */
  #set(entry: LayerEntry): void {
    const there = this.#entries.get(entry.path);
    if (there?.kind === "directory" && entry.kind !== "directory") {
      const below = `${entry.path}/`;
      for (const path of this.#entries.keys()) if (path.startsWith(below)) this.#entries.delete(path);
    }
    this.#entries.delete(entry.path);
    this.#entries.set(entry.path, entry);
  }
}

const kinds = new Map<string, EntryKind>([
  [tarTypes.file, "file"],
  [tarTypes.contiguous, "file"],
  [tarTypes.gnuSparse, "file"],
  [tarTypes.directory, "directory"],
  [tarTypes.symlink, "symlink"],
  [tarTypes.charDevice, "char"],
  [tarTypes.blockDevice, "block"],
  [tarTypes.fifo, "fifo"],
]);
