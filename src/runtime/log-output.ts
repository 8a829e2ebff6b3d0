import type { CallOptions } from "../oci/call-options.ts";
import { followFile } from "./follow-file.ts";
import { recordAt, recordText } from "./log-record.ts";
import type { OutputChunk } from "./runtime.ts";

/**
 * What a process wrote, rebuilt byte for byte from its log: from byte `from` of the file on, until `ended` resolved
 * and all was read. Records of one stream that arrive together are one chunk.
 */
export async function* logOutput(
  path: string,
  options: CallOptions & { readonly from: number; readonly ended: Promise<unknown> },
): AsyncGenerator<OutputChunk, void> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of followFile(path, options)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const { chunks, used } = join(bytes);
    rest = bytes.subarray(used);
    yield* chunks;
  }
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
