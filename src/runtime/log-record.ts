import type { OutputChunk } from "./runtime.ts";

/** One record of a log: what a process wrote in one go, at most one line. */
export interface LogRecord extends OutputChunk {
  /** RFC 3339 in UTC with nine digits of a second and `Z`: such times compare as text. */
  readonly time: string;
  /** The line goes on in the next record of the stream: `data` ends without a newline. */
  readonly partial: boolean;
  /** False: it goes on with the line of the stream's record before. Timestamps belong before the others alone. */
  readonly startsLine: boolean;
}

// conmon writes `2026-01-02T03:04:05.123456789+00:00 stdout F text\n`; F: the line ends here, P: it goes on.
const timeLength = 35;
const tagAt = 43;
const textAt = 45;
const SPACE = 32;
const NEWLINE = 10;
const LETTER_P = 80;
const LETTER_E = 101;

/** A stretch of a log cut into raw records: `end` is behind the last whole one. */
export interface RawRecord {
  readonly start: number;
  /** behind the newline that ends the record */
  readonly end: number;
  readonly stderr: boolean;
  readonly partial: boolean;
}

/** The record that begins at `start`, or undefined when `bytes` does not hold all of it. A broken line is skipped. */
export function recordAt(bytes: Uint8Array, start: number): RawRecord | undefined {
  let at = start;
  for (;;) {
    const newline = bytes.indexOf(NEWLINE, at);
    if (newline < 0) return undefined;
    if (isRecord(bytes, at, newline)) {
      const stderr = bytes[at + timeLength + 4] === LETTER_E;
      return { start: at, end: newline + 1, stderr, partial: bytes[at + tagAt] === LETTER_P };
    }
    at = newline + 1;
  }
}

function isRecord(bytes: Uint8Array, at: number, newline: number): boolean {
  return (
    newline - at >= textAt &&
    bytes[at + timeLength] === SPACE &&
    bytes[at + tagAt - 1] === SPACE &&
    bytes[at + textAt - 1] === SPACE
  );
}

/** The bytes the process wrote: with the newline, unless the line goes on. */
export function recordText(bytes: Uint8Array, record: RawRecord): Uint8Array {
  return bytes.subarray(record.start + textAt, record.partial ? record.end - 1 : record.end);
}

/** conmon runs in UTC, so only the spelling of the zone differs. */
export function recordTime(bytes: Uint8Array, record: RawRecord): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + record.start, timeLength).toString("latin1");
  return `${text.slice(0, 29)}Z`;
}
