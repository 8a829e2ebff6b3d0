import { SlipwayError } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";

const maxBytes = 4 * 1024 * 1024;

/**
 * Splits a body into its first line (text without the line feed, at most 4 MiB) and the bytes after it. Throws
 * `invalid_argument` when there is no line.
 */
export async function splitFrontLine(body: ByteStream): Promise<{ line: string; rest: ByteStream }> {
  const chunks = body[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let step = await chunks.next(); step.done !== true; step = await chunks.next()) {
    const end = step.value.indexOf(0x0a);
    parts.push(end < 0 ? step.value : step.value.subarray(0, end));
    size += parts.at(-1)?.length ?? 0;
    if (size > maxBytes)
      throw new SlipwayError("invalid_argument", "Bad request: the first line is above 4 MiB");
    if (end >= 0)
      return {
        line: Buffer.concat(parts).toString("utf8"),
        rest: resume(step.value.subarray(end + 1), chunks),
      };
  }
  throw new SlipwayError("invalid_argument", "Bad request: the body has no first line");
}

async function* resume(first: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  for (let step = await chunks.next(); step.done !== true; step = await chunks.next()) yield step.value;
}
