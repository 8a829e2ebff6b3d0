import { isAscii } from "node:buffer";
import { tarError } from "./tar-error.ts";
import { numberField, octalField, textField, timeField } from "./tar-fields.ts";
import { BLOCK, type TarFormat, type TarHeader } from "./tar-header.ts";

const noRecords: ReadonlyMap<string, string> = new Map();
const noXattrs: ReadonlyMap<string, Uint8Array> = new Map();

/** A header before its extended headers have had their say. */
export type RawHeader = { -readonly [K in keyof TarHeader]: TarHeader[K] };

/** One 512-byte header block: V7, ustar, GNU or star, told apart by magic and version. Checks the checksum. */
export function parseHeaderBlock(block: Uint8Array): RawHeader {
  const format = formatOf(block);
  const header: RawHeader = {
    type: String.fromCharCode(block[156] ?? 0),
    name: textField(block, 0, 100),
    linkname: textField(block, 157, 100),
    size: numberField(block, 124, 12),
    mode: numberField(block, 100, 8),
    uid: numberField(block, 108, 8),
    gid: numberField(block, 116, 8),
    mtime: timeField(block, 136, 12),
    uname: "",
    gname: "",
    devMajor: 0,
    devMinor: 0,
    pax: noRecords,
    xattrs: noXattrs,
    format,
  };
  if (format !== "V7") addUstarFields(header, block);
  return header;
}

/** True for the block that ends an archive. */
export function isZeroBlock(block: Uint8Array): boolean {
  for (const byte of block) if (byte !== 0) return false;
  return true;
}

/** The sum over the block with its checksum field as spaces. */
export function blockChecksum(block: Uint8Array): { unsigned: number; signed: number } {
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < BLOCK; at += 1) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return { unsigned, signed };
}

function formatOf(block: Uint8Array): TarFormat {
  const stored = octalField(block, 148, 8);
  const sum = blockChecksum(block);
  if (stored !== sum.unsigned && stored !== sum.signed) throw tarError("checksum");
  const magic = Buffer.from(block.subarray(257, 265)).toString("latin1");
  if (magic === "ustar  \0") return "GNU";
  if (!magic.startsWith("ustar\0")) return "V7";
  return Buffer.from(block.subarray(508, 512)).toString("latin1") === "tar\0" ? "STAR" : "USTAR";
}

function addUstarFields(header: RawHeader, block: Uint8Array): void {
  header.uname = textField(block, 265, 32);
  header.gname = textField(block, 297, 32);
  header.devMajor = numberField(block, 329, 8);
  header.devMinor = numberField(block, 337, 8);
  const prefix = prefixOf(header, block);
  if (prefix !== "") header.name = `${prefix}/${header.name}`;
}

function prefixOf(header: RawHeader, block: Uint8Array): string {
  if (header.format === "STAR") {
    timeField(block, 476, 12);
    timeField(block, 488, 12);
    return textField(block, 345, 131);
  }
  if (header.format === "GNU") return gnuPrefix(header, block);
  if (!isStrictUstar(block)) header.format = "unknown";
  return textField(block, 345, 155);
}

/** GNU keeps times where ustar has the prefix; some old writers put a prefix there all the same. */
function gnuPrefix(header: RawHeader, block: Uint8Array): string {
  try {
    if (block[345] !== 0) timeField(block, 345, 12);
    if (block[357] !== 0) timeField(block, 357, 12);
    return "";
  } catch {
    header.format = "unknown";
    const prefix = textField(block, 345, 155);
    return isAscii(Buffer.from(prefix)) ? prefix : "";
  }
}

/** ASCII only, and every number closed by a NUL, as POSIX asks of a writer. */
function isStrictUstar(block: Uint8Array): boolean {
  const closing = [107, 115, 123, 135, 147, 336, 344];
  return closing.every((at) => block[at] === 0) && block.every((byte) => byte < 0x80);
}
