import type { CallOptions } from "../oci/call-options.ts";
import { followLog } from "./follow-log.ts";
import type { OpenLogFile } from "./log-files.ts";
import type { LogKeeper } from "./log-keeper.ts";
import { tailStart, type TailStart } from "./log-tail.ts";
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
 * Reads the log conmon writes at `path`, over all its files, record by record, in the order written. A log that is not
 * there is an empty one. An aborted signal ends the iteration without an error. Throws `data_loss` when it is followed
 * too slowly and rotated away.
 */
export async function* readLog(
  keeper: LogKeeper,
  path: string,
  query: LogQuery = {},
): AsyncGenerator<LogRecord, void> {
  const files = await keeper.open(path);
  const start = await tailStart(files, query.tail);
  const { since, until, stdout = true, stderr = true } = query;
  const first = since === undefined ? undefined : logTime(since);
  const last = until === undefined ? undefined : logTime(until);
  const open = { stdout: false, stderr: false };
  for await (const { bytes, record, at } of records(keeper, path, files, start, query)) {
    const stream = record.stderr ? "stderr" : "stdout";
    const startsLine = !open[stream];
    open[stream] = record.partial;
    // The end of a line of the other stream, whose beginning is not among the last lines.
    if (at < start[stream]) continue;
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
  keeper: LogKeeper,
  path: string,
  files: readonly OpenLogFile[],
  start: TailStart,
  query: LogQuery,
): AsyncGenerator<{ bytes: Uint8Array; record: RawRecord; at: number }, void> {
  let rest: Uint8Array = new Uint8Array(0);
  const from = Math.min(start.stdout, start.stderr);
  const options = { from, ended: query.follow, signal: query.signal };
  for await (const chunk of followLog(keeper, path, files, options)) {
    if (chunk.fresh) rest = new Uint8Array(0);
    const base = chunk.at - rest.length;
    const bytes = rest.length === 0 ? chunk.bytes : Buffer.concat([rest, chunk.bytes]);
    let used = 0;
    for (let record = recordAt(bytes, 0); record !== undefined; record = recordAt(bytes, used)) {
      used = record.end;
      yield { bytes, record, at: base + record.start };
    }
    rest = bytes.subarray(used);
  }
}
