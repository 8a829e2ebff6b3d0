import type { CallOptions } from "../oci/call-options.ts";
import { followLog } from "./follow-log.ts";
import type { OpenLogFile } from "./log-files.ts";
import type { LogKeeper, LogMark } from "./log-keeper.ts";
import { recordAt, recordText } from "./log-record.ts";
import type { OutputChunk } from "./runtime.ts";

export interface OutputOptions extends CallOptions {
  /** Undefined: from the beginning of the log. */
  readonly from: LogMark | undefined;
  readonly ended: Promise<unknown>;
  /** Called once the log is held by this reading itself. */
  readonly onBegin?: () => void;
}

/**
 * What a process wrote, rebuilt byte for byte from its log: from the mark on, until `ended` resolved and all was read.
 * Records of one stream that arrive together are one chunk. Throws `data_loss` when the log was rotated away before it
 * was read.
 */
export async function* logOutput(
  keeper: LogKeeper,
  path: string,
  options: OutputOptions,
): AsyncGenerator<OutputChunk, void> {
  const files = await keeper.open(path);
  const { ended, signal } = options;
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of followLog(keeper, path, files, {
    from: placeOf(files, options.from),
    ended,
    signal,
  })) {
    options.onBegin?.();
    const isWhole = rest.length === 0 || chunk.fresh;
    const bytes = isWhole ? chunk.bytes : Buffer.concat([rest, chunk.bytes]);
    const { chunks, used } = join(bytes);
    rest = bytes.subarray(used);
    yield* chunks;
  }
}

/** Counted from the beginning of the oldest file. */
function placeOf(files: readonly OpenLogFile[], mark: LogMark | undefined): number {
  const at = files.findIndex(({ inode }) => inode === mark?.inode);
  if (mark === undefined || at < 0) return 0;
  return files.slice(0, at).reduce((sum, { size }) => sum + size, mark.offset);
}

/** The texts of all whole records in `bytes`, neighbours of one stream joined; `used` is behind the last record. */
function join(bytes: Uint8Array): { chunks: OutputChunk[]; used: number } {
  const chunks: OutputChunk[] = [];
  const out = new Uint8Array(bytes.length);
  let begin = 0;
  let length = 0;
  let stderr = false;
  const flush = () => {
    if (length > begin)
      chunks.push({ stream: stderr ? "stderr" : "stdout", data: out.subarray(begin, length) });
    begin = length;
  };
  let used = 0;
  for (let record = recordAt(bytes, 0); record !== undefined; record = recordAt(bytes, used)) {
    if (record.stderr !== stderr) flush();
    stderr = record.stderr;
    const text = recordText(bytes, record);
    out.set(text, length);
    length += text.length;
    used = record.end;
  }
  flush();
  return { chunks, used };
}
