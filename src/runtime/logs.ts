import { open } from "node:fs/promises";
import type { CallOptions } from "../oci/call-options.ts";
import { followFile } from "./follow-file.ts";
import { type LogRecord, type RawRecord, recordAt, recordText, recordTime } from "./log-record.ts";

export interface LogQuery extends CallOptions {
  /** Only records of this time and later: nanoseconds since the epoch. */
  readonly since?: bigint | undefined;
  /** Only records of this time and earlier: nanoseconds since the epoch. */
  readonly until?: bigint | undefined;
  /** Only the last lines of the log, counted before `since` and `until`. */
  readonly tail?: number | undefined;
  readonly stdout?: boolean | undefined;
  readonly stderr?: boolean | undefined;
  /** Goes on with what is written later, until this resolves (the container ended) and all was read. */
  readonly follow?: Promise<unknown> | undefined;
}

/**
 * Reads the log conmon writes at `path`, record by record, in the order written. A file that is not there is an empty
 * log. An aborted signal ends the iteration without an error.
 */
export async function* readLog(path: string, query: LogQuery = {}): AsyncGenerator<LogRecord, void> {
  const from = await startOf(path, query);
  if (from === undefined) return;
  const { since, until, stdout = true, stderr = true } = query;
  const first = since === undefined ? undefined : logTime(since);
  const last = until === undefined ? undefined : logTime(until);
  const open = { stdout: false, stderr: false };
  for await (const { bytes, record } of records(path, from, query)) {
    const stream = record.stderr ? "stderr" : "stdout";
    const startsLine = !open[stream];
    open[stream] = record.partial;
    const time = recordTime(bytes, record);
    if (first !== undefined && time < first) continue;
    if (last !== undefined && time > last) return;
    if (!(record.stderr ? stderr : stdout)) continue;
    yield { stream, time, partial: record.partial, startsLine, data: recordText(bytes, record) };
  }
}

/** A time as the records have it, so that it compares with theirs as text. */
export function logTime(nanoseconds: bigint): string {
  const zero = nanoseconds < 0n ? 0n : nanoseconds;
  const seconds = zero / 1_000_000_000n;
  const fraction = String(zero % 1_000_000_000n).padStart(9, "0");
  const latest = 253402300799n;
  const date = new Date(Number(seconds > latest ? latest : seconds) * 1000).toISOString();
  return `${date.slice(0, 19)}.${fraction}Z`;
}

async function* records(
  path: string,
  from: number,
  query: LogQuery,
): AsyncGenerator<{ bytes: Uint8Array; record: RawRecord }, void> {
  let rest: Uint8Array = new Uint8Array(0);
  const options = { from, ended: query.follow, signal: query.signal };
  for await (const chunk of followFile(path, options)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let used = 0;
    for (let record = recordAt(bytes, 0); record !== undefined; record = recordAt(bytes, used)) {
      used = record.end;
      yield { bytes, record };
    }
    rest = bytes.subarray(used);
  }
}

const blockSize = 64 * 1024;
const NEWLINE = 10;

/** Where the wanted lines begin; undefined when there is no file. Lines are sought from the end of the file on. */
async function startOf(path: string, query: LogQuery): Promise<number | undefined> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    if (query.tail === undefined || query.tail < 0) return 0;
    const { size } = await file.stat();
    if (query.tail === 0) return size;
    const counter = new LineCounter(query.tail);
    let tailOfBlock: Uint8Array = new Uint8Array(0);
    for (let end = size; end > 0;) {
      const start = Math.max(0, end - blockSize);
      const block = Buffer.alloc(end - start);
      await file.read(block, 0, block.length, start);
      const bytes = Buffer.concat([block, tailOfBlock]);
      const firstLine = start === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
      const found = counter.count(bytes, firstLine, start);
      if (found !== undefined) return found;
      tailOfBlock = start === 0 ? new Uint8Array(0) : bytes.subarray(0, firstLine);
      end = start;
    }
    return 0;
  } finally {
    await file.close();
  }
}

/** Counts lines backwards. Records of a line that was written in parts count once, at its last part. */
class LineCounter {
  #left: number;
  #start: number | undefined;

  constructor(wanted: number) {
    this.#left = wanted;
  }

  /** Takes the records from `from` on, which lie at `offset` in the file; the place of the first wanted line once known. */
  count(bytes: Uint8Array, from: number, offset: number): number | undefined {
    const all: RawRecord[] = [];
    let at = from;
    for (let record = recordAt(bytes, at); record !== undefined; record = recordAt(bytes, at)) {
      all.push(record);
      at = record.end;
    }
    for (const record of all.toReversed()) {
      const endsLine = !record.partial || this.#start === undefined;
      if (endsLine && this.#left === 0) return this.#start;
      if (endsLine) this.#left -= 1;
      this.#start = offset + record.start;
    }
    return undefined;
  }
}
