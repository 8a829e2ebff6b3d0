import type { ByteStream } from "../../oci/call-options.ts";
import { formatPaxRecords, formatPaxTime } from "./pax-records.ts";
import { blockChecksum } from "./ustar-block.ts";
import { BLOCK, blockPadding, tarTypes } from "./tar-header.ts";
import type { Extent } from "./sparse-map.ts";
import { SlipwayError } from "../../errors.ts";

/** What the writer needs to know of an entry; the rest is 0, empty or none. Names are byte strings. */
export interface TarEntryHeader {
  /** one of `tarTypes` */
  readonly type: string;
  /** a directory's ends in a slash */
  readonly name: string;
  readonly linkname?: string;
  /** permission bits */
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly uname?: string;
  readonly gname?: string;
  /** bytes of content to come, for a file */
  readonly size?: number;
  /** nanoseconds since the epoch */
  readonly mtime?: bigint;
  readonly devMajor?: number;
  readonly devMinor?: number;
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
  /** what a sparse file holds; its content is then the extents alone, `size` the whole file's (GNU sparse 1.0) */
  readonly extents?: readonly Extent[];
}

/**
 * The blocks that come before an entry's content: plain ustar where it can say everything, else with a PAX header
 * (POSIX pax, "pax Interchange Format") for what it cannot. The same header always gives the same bytes.
 */
export function tarHeaderBlocks(header: TarEntryHeader): Uint8Array {
  const map = header.extents === undefined ? new Uint8Array(0) : sparseMapBlocks(header.extents);
  const records = paxRecords(header);
  const stored = header.extents === undefined ? (header.size ?? 0) : map.length + storedSize(header.extents);
  const isLarge = stored >= 8 ** 11;
  if (isLarge) records.push(["size", String(stored)]);
  const name = header.extents === undefined ? header.name : sparseName(header.name);
  if (header.extents === undefined) pushUnless(isUstarName(name), records, "path", name);
  const block = ustarBlock({ ...header, name }, isLarge ? 0 : stored);
  if (records.length === 0) return block;
  records.sort(([a], [b]) => (a < b ? -1 : 1));
  const body = formatPaxRecords(records);
  const prefix = { type: tarTypes.paxHeader, name: paxName(name), mode: 0o644 };
  return Buffer.concat([ustarBlock(prefix, body.length), body, tarPadding(body.length), block, map]);
}

/** Bytes that fill up the last block of `size` bytes of content. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array(blockPadding(size));
}

/** What ends an archive. */
export function tarTrailer(): Uint8Array {
  return new Uint8Array(2 * BLOCK);
}

/** An archive of `entries`. Throws `invalid_argument` when a content is not as long as its header says. */
export async function* writeTar(
  entries: Iterable<TarWriterEntry> | AsyncIterable<TarWriterEntry>,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const { header, content } of entries) {
    yield tarHeaderBlocks(header);
    const size = header.extents === undefined ? (header.size ?? 0) : storedSize(header.extents);
    let written = 0;
    for await (const chunk of content ?? []) {
      written += chunk.length;
      if (written > size) break;
      yield chunk;
    }
    if (written !== size) {
      const what = `Content of "${header.name.toWellFormed()}" is not ${size} bytes long`;
      throw new SlipwayError("invalid_argument", what);
    }
    yield tarPadding(size);
  }
  yield tarTrailer();
}

export interface TarWriterEntry {
  readonly header: TarEntryHeader;
  readonly content?: ByteStream | Iterable<Uint8Array>;
}

type Records = [string, string | Uint8Array][];

function paxRecords(header: TarEntryHeader): Records {
  const records: Records = [];
  const mtime = header.mtime ?? 0n;
  const isWhole = mtime % 1_000_000_000n === 0n && mtime >= 0n && mtime / 1_000_000_000n < 8n ** 11n;
  pushUnless(isWhole, records, "mtime", formatPaxTime(mtime));
  for (const key of ["uid", "gid"] as const) {
    const id = header[key] ?? 0;
    pushUnless(id < 8 ** 7, records, key, String(id));
  }
  for (const key of ["uname", "gname"] as const) {
    const name = header[key] ?? "";
    pushUnless(fits(name, 31), records, key, name);
  }
  const linkname = header.linkname ?? "";
  pushUnless(fits(linkname, 100), records, "linkpath", linkname);
  for (const [key, value] of header.xattrs ?? []) records.push([`SCHILY.xattr.${key}`, value]);
  if (header.extents !== undefined) {
    records.push(["GNU.sparse.major", "1"], ["GNU.sparse.minor", "0"], ["GNU.sparse.name", header.name]);
    records.push(["GNU.sparse.realsize", String(header.size ?? 0)]);
  }
  return records;
}

function pushUnless(isFine: boolean, records: Records, key: string, value: string): void {
  if (!isFine) records.push([key, value]);
}

/** ASCII without a NUL, of so many characters at most. */
function fits(text: string, max: number): boolean {
  if (text.length > max) return false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0 || code > 0x7f) return false;
  }
  return true;
}

function isUstarName(name: string): boolean {
  return fits(name, 100) || splitName(name) !== undefined;
}

/** A long ASCII name in ustar's two fields, parted at a slash. */
function splitName(name: string): { prefix: string; rest: string } | undefined {
  if (!fits(name, 256)) return undefined;
  const slash = name.slice(0, 156).lastIndexOf("/", name.length - 2);
  const [prefix, rest] = [name.slice(0, slash), name.slice(slash + 1)];
  return slash > 0 && rest.length <= 100 ? { prefix, rest } : undefined;
}

/** The name that readers without PAX see. */
function paxName(name: string): string {
  return `PaxHeaders.0/${asciiTail(name)}`.slice(0, 100);
}

function sparseName(name: string): string {
  return `GNUSparseFile.0/${asciiTail(name)}`.slice(0, 100);
}

function asciiTail(name: string): string {
  const base = name.split("/").findLast((part) => part !== "") ?? "";
  return base.replace(/[^\x20-\x7e]/g, "_").slice(0, 80);
}

// A header is made for each of many thousand files: digits and letters are set one by one, which takes a third of the
// time of `Buffer.write` for fields as short as these.

function ustarBlock(header: TarEntryHeader, stored: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const split = fits(header.name, 100) ? undefined : splitName(header.name);
  writeText(block, 0, 100, split?.rest ?? header.name);
  writeOctal(block, 100, 8, header.mode & 0o7777);
  writeOctal(block, 108, 8, header.uid ?? 0);
  writeOctal(block, 116, 8, header.gid ?? 0);
  writeOctal(block, 124, 12, stored);
  writeOctal(block, 136, 12, ustarSeconds(header.mtime ?? 0n));
  writeText(block, 156, 1, header.type);
  writeText(block, 157, 100, header.linkname ?? "");
  block.set(magic, 257);
  writeText(block, 265, 31, header.uname ?? "");
  writeText(block, 297, 31, header.gname ?? "");
  writeOctal(block, 329, 8, header.devMajor ?? 0);
  writeOctal(block, 337, 8, header.devMinor ?? 0);
  writeText(block, 345, 155, split?.prefix ?? "");
  writeOctal(block, 148, 7, blockChecksum(block).unsigned);
  block[155] = SPACE;
  return block;
}

/** `ustar`, NUL, version 00. */
const magic = new Uint8Array([0x75, 0x73, 0x74, 0x61, 0x72, 0, 0x30, 0x30]);
const SPACE = 0x20;
const ZERO = 0x30;
const UNDERSCORE = 0x5f;

function ustarSeconds(mtime: bigint): number {
  const seconds = mtime / 1_000_000_000n;
  return seconds < 0n || seconds >= 8n ** 11n ? 0 : Number(seconds);
}

/** A number that does not fit stands in a PAX record, and 0 in the block. */
function writeOctal(block: Uint8Array, at: number, length: number, value: number): void {
  let rest = value < 8 ** (length - 1) ? value : 0;
  for (let place = at + length - 2; place >= at; place -= 1) {
    block[place] = ZERO + (rest % 8);
    rest = Math.floor(rest / 8);
  }
}

/** A text that does not fit stands in a PAX record as well. */
function writeText(block: Uint8Array, at: number, length: number, text: string): void {
  let place = at;
  for (let from = 0; from < text.length && place < at + length; place += 1) {
    const code = text.codePointAt(from) ?? 0;
    block[place] = code > 0x7f ? UNDERSCORE : code;
    from += code > 0xffff ? 2 : 1;
  }
}

function storedSize(extents: readonly Extent[]): number {
  return extents.reduce((sum, { length }) => sum + length, 0);
}

/** GNU sparse 1.0: count, then offset and length of each extent, a line each. */
function sparseMapBlocks(extents: readonly Extent[]): Uint8Array {
  const numbers = [extents.length, ...extents.flatMap(({ offset, length }) => [offset, length])];
  return padded(Buffer.from(`${numbers.join("\n")}\n`));
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, new Uint8Array(blockPadding(bytes.length))]);
}
