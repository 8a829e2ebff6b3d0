import { isUtf8 } from "node:buffer";

/**
 * File names, link targets and attribute values are bytes, and not always UTF-8. A *byte string* is a JavaScript
 * string that holds any bytes without loss: valid UTF-8 as the text it is, every other byte 0x80–0xFF as the lone
 * surrogate U+DC80–U+DCFF (as Python's PEP 383 does). It compares, joins and keys maps as any other string.
 */
export function decodeBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return isUtf8(buffer) ? buffer.toString("utf8") : decodeMixed(buffer);
}

/** The bytes of a byte string: the inverse of {@link decodeBytes}, and plain UTF-8 for ordinary text. */
export function encodeBytes(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const parts: Uint8Array[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const isByte = code >= 0xdc80 && code <= 0xdcff;
    parts.push(isByte ? Uint8Array.of(code - 0xdc00) : Buffer.from(character, "utf8"));
  }
  return Buffer.concat(parts);
}

/** Orders byte strings by their bytes, which for UTF-16 code units is not what `<` does. */
export function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(encodeBytes(a), encodeBytes(b));
}

function decodeMixed(buffer: Buffer): string {
  let text = "";
  for (let at = 0; at < buffer.length;) {
    const length = sequenceLength(buffer, at);
    text +=
      length === 0
        ? String.fromCharCode(0xdc00 + (buffer[at] ?? 0))
        : buffer.toString("utf8", at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

/** Bytes of the valid UTF-8 sequence at `at`; 0 when there is none. */
function sequenceLength(buffer: Buffer, at: number): number {
  const first = buffer[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const sequence = buffer.subarray(at, at + length);
  return sequence.length === length && isUtf8(sequence) ? length : 0;
}
