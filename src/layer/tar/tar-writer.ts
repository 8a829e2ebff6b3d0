import { isAscii } from "node:buffer";
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
  return Buffer.concat([ustarBlock(prefix, body.length), padded(body), block, map]);
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

function fits(text: string, max: number): boolean {
  return text.length <= max && isAscii(Buffer.from(text)) && !text.includes("\0");
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

function ustarBlock(header: TarEntryHeader, stored: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const split = fits(header.name, 100) ? undefined : splitName(header.name);
  writeText(block, 0, 100, split?.rest ?? header.name);
  writeOctal(block, 100, 8, header.mode & 0o7777);
  writeOctal(block, 108, 8, header.uid ?? 0);
  writeOctal(block, 116, 8, header.gid ?? 0);
  writeOctal(block, 124, 12, stored);
  writeOctal(block, 136, 12, ustarSeconds(header.mtime ?? 0n));
  block.write(header.type, 156, "latin1");
  writeText(block, 157, 100, header.linkname ?? "");
  block.write("ustar\u000000", 257, "latin1");
  writeText(block, 265, 31, header.uname ?? "");
  writeText(block, 297, 31, header.gname ?? "");
  writeOctal(block, 329, 8, header.devMajor ?? 0);
  writeOctal(block, 337, 8, header.devMinor ?? 0);
  writeText(block, 345, 155, split?.prefix ?? "");
  block.write(`${blockChecksum(block).unsigned.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function ustarSeconds(mtime: bigint): number {
  const seconds = mtime / 1_000_000_000n;
  return seconds < 0n || seconds >= 8n ** 11n ? 0 : Number(seconds);
}

/** A number that does not fit stands in a PAX record, and 0 in the block. */
function writeOctal(block: Buffer, at: number, length: number, value: number): void {
  const digits = value < 8 ** (length - 1) ? value.toString(8) : "0";
  block.write(digits.padStart(length - 1, "0"), at, "latin1");
}

/** A text that does not fit stands in a PAX record as well. */
function writeText(block: Buffer, at: number, length: number, text: string): void {
  block.write(text.replace(/\P{ASCII}/gu, "_").slice(0, length), at, "latin1");
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
