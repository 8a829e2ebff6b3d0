import { decodeBytes, encodeBytes } from "../../internal/byte-string.ts";
import { tarError } from "./tar-error.ts";

const textKeys = new Set(["path", "linkpath", "uname", "gname"]);

/**
 * The records of a pax extended header, `<length> <key>=<value>\n` each (POSIX pax, "pax Extended Header"). Several
 * `GNU.sparse.offset` and `GNU.sparse.numbytes` records (sparse format 0.0) are gathered in `GNU.sparse.map`.
 */
export function parsePaxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  const map: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const { key, value, end } = parseRecord(bytes, at);
    at = end;
    if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes") {
      const expected = map.length % 2 === 0 ? "GNU.sparse.offset" : "GNU.sparse.numbytes";
      if (key !== expected || value.includes(",")) throw tarError("a broken sparse map");
      map.push(value);
    } else {
      records.set(key, value);
    }
  }
  if (map.length > 0) records.set("GNU.sparse.map", map.join(","));
  return records;
}

/** The records in the order of the map. */
export function formatPaxRecords(records: Iterable<readonly [string, Uint8Array | string]>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [key, value] of records) {
    const rest = typeof value === "string" ? encodeBytes(` ${key}=${value}\n`) : binaryRecord(key, value);
    parts.push(Buffer.from(String(recordLength(rest.length))), rest);
  }
  return Buffer.concat(parts);
}

function binaryRecord(key: string, value: Uint8Array): Uint8Array {
  return Buffer.concat([encodeBytes(` ${key}=`), value, Buffer.from("\n")]);
}

/** A decimal time, `-12.5`, in nanoseconds; more than nine digits are cut. */
export function parsePaxTime(text: string): bigint {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (match === null || text.length > 40) throw tarError(`time "${text.slice(0, 40)}"`);
  const [, sign, seconds = "", fraction = ""] = match;
  const nanos = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return sign === "-" ? -nanos : nanos;
}

/** The inverse of {@link parsePaxTime}, without trailing zeros. */
export function formatPaxTime(time: bigint): string {
  const absolute = time < 0n ? -time : time;
  const fraction = String(absolute % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${time < 0n ? "-" : ""}${absolute / 1_000_000_000n}${fraction === "" ? "" : `.${fraction}`}`;
}

/** A decimal integer record. */
export function parsePaxNumber(text: string): number {
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value))
    throw tarError(`number "${text.slice(0, 40)}"`);
  return value;
}

function parseRecord(bytes: Uint8Array, at: number): { key: string; value: string; end: number } {
  const space = bytes.indexOf(0x20, at);
  const digits = space < 0 || space - at > 9 ? "" : Buffer.from(bytes.subarray(at, space)).toString("latin1");
  const length = /^\d+$/.test(digits) ? Number(digits) : 0;
  const end = at + length;
  if (length < 5 || end > bytes.length || space + 1 >= end - 1 || bytes[end - 1] !== 0x0a) {
    throw tarError("a broken extended record");
  }
  const equals = bytes.indexOf(0x3d, space);
  if (equals < 0 || equals >= end - 1) throw tarError("an extended record without a key");
  const key = decodeBytes(bytes.subarray(space + 1, equals));
  const value = decodeBytes(bytes.subarray(equals + 1, end - 1));
  const isBroken = key === "" || (textKeys.has(key) ? value : key).includes("\0");
  if (isBroken) throw tarError("an extended record with a NUL or no key");
  return { key, value, end };
}

/** The length a record names counts its own digits. */
function recordLength(rest: number): number {
  let length = rest + String(rest).length;
  if (String(length).length + rest !== length) length += 1;
  return length;
}
