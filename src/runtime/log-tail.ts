import type { OpenLogFile } from "./log-files.ts";
import { recordAt, type RawRecord } from "./log-record.ts";

/**
 * Where the wanted lines of each stream begin, in bytes from the beginning of the oldest file. A line of one stream may
 * have begun before the last ones of the other.
 */
export interface TailStart {
  readonly stdout: number;
  readonly stderr: number;
}

const blockSize = 64 * 1024;
const NEWLINE = 10;

/** The last `wanted` lines of a log, sought from its end on; undefined or negative: all of it. */
export async function tailStart(
  files: readonly OpenLogFile[],
  wanted: number | undefined,
): Promise<TailStart> {
  if (wanted === undefined || wanted < 0) return { stdout: 0, stderr: 0 };
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const counter = new LineCounter(wanted, total);
  let base = total;
  for (const file of files.toReversed()) {
    base -= file.size;
    if (await countBackwards(file, base, counter)) break;
  }
  return counter.start;
}

/** True once all lines are found. `base`: where the file begins in the log. */
async function countBackwards(file: OpenLogFile, base: number, counter: LineCounter): Promise<boolean> {
  let tailOfBlock: Uint8Array = new Uint8Array(0);
  for (let end = file.size; end > 0;) {
    if (counter.isDone) return true;
    const start = Math.max(0, end - blockSize);
    const block = Buffer.alloc(end - start);
    await file.handle.read(block, 0, block.length, start);
    const bytes = Buffer.concat([block, tailOfBlock]);
    const firstLine = start === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    counter.count(bytes, firstLine, base + start);
    tailOfBlock = start === 0 ? new Uint8Array(0) : bytes.subarray(0, firstLine);
    end = start;
  }
  return counter.isDone;
}

type Stream = "stdout" | "stderr";

/** Counts lines backwards, by their ends. Records of a line that was written in parts count once, at its last part. */
class LineCounter {
  readonly start: { stdout: number; stderr: number };
  #left: number;
  /** Streams whose wanted lines are all found: what comes before is not wanted. */
  readonly #closed = new Set<Stream>();
  readonly #seen = new Set<Stream>();

  constructor(wanted: number, end: number) {
    this.#left = wanted;
    this.start = { stdout: end, stderr: end };
  }

  get isDone(): boolean {
    if (this.#left > 0) return false;
    return (["stdout", "stderr"] as const).every(
      (stream) => this.#closed.has(stream) || !this.#seen.has(stream),
    );
  }

  /** Takes the records from `from` on, which lie at `offset` in the log. */
  count(bytes: Uint8Array, from: number, offset: number): void {
    const all: RawRecord[] = [];
    let at = from;
    for (let record = recordAt(bytes, at); record !== undefined; record = recordAt(bytes, at)) {
      all.push(record);
      at = record.end;
    }
    for (const record of all.toReversed()) this.#take(record, offset + record.start);
  }

  #take(record: RawRecord, at: number): void {
    const stream = record.stderr ? "stderr" : "stdout";
    if (this.#closed.has(stream)) return;
    const endsLine = !record.partial || !this.#seen.has(stream);
    if (endsLine && this.#left === 0) {
      this.#closed.add(stream);
      return;
    }
    if (endsLine) this.#left -= 1;
    this.#seen.add(stream);
    this.start[stream] = at;
  }
}
