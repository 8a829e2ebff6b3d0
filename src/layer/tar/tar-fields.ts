import { decodeBytes } from "../../internal/byte-string.ts";
import { tarError } from "./tar-error.ts";

/** A text field: up to its first NUL. */
export function textField(block: Uint8Array, at: number, length: number): string {
  return decodeBytes(untilNul(block.subarray(at, at + length)));
}

/** A number field: octal text, or base-256 when the top bit is set (GNU tar, "Large or Negative Values"). */
export function numberField(block: Uint8Array, at: number, length: number): number {
  const first = block[at] ?? 0;
  const value = first & 0x80 ? base256(block, at, length) : octalField(block, at, length);
  if (!Number.isSafeInteger(value)) throw tarError("a number out of range");
  return value;
}

/** An octal field: spaces and NULs around the digits are no part of it, and none at all means 0. */
export function octalField(block: Uint8Array, at: number, length: number): number {
  let end = at + length;
  let start = at;
  while (start < end && isBlank(block[start])) start += 1;
  while (end > start && isBlank(block[end - 1])) end -= 1;
  const digits = untilNul(block.subarray(start, end));
  let value = 0;
  for (const byte of digits) {
    if (byte < 0x30 || byte > 0x37) throw tarError("a number that is not octal");
    value = value * 8 + (byte - 0x30);
  }
  return value;
}

/** Seconds from a number field, as nanoseconds. */
export function timeField(block: Uint8Array, at: number, length: number): bigint {
  return BigInt(numberField(block, at, length)) * 1_000_000_000n;
}

function base256(block: Uint8Array, at: number, length: number): number {
  const isNegative = ((block[at] ?? 0) & 0x40) !== 0;
  let value = 0n;
  for (let index = at; index < at + length; index += 1) {
    let byte = block[index] ?? 0;
    if (isNegative) byte ^= 0xff;
    if (index === at) byte &= 0x7f;
    value = (value << 8n) | BigInt(byte);
  }
  if (value >= 1n << 63n) throw tarError("a number out of range");
  return Number(isNegative ? -value - 1n : value);
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0;
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
