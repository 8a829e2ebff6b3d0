import { SlipwayError } from "../../errors.ts";
import { MAX_HEAD_BYTES, parseHead, type RequestHead } from "./head.ts";
import type { SocketReader } from "./socket-reader.ts";

/**
 * Reads one request head; undefined when the client ended or left before its first byte. `onFirstByte` is called when
 * the head begins. Throws `invalid_argument` (malformed, or above 64 KiB: `resource_exhausted`).
 */
export async function readHead(
  reader: SocketReader,
  onFirstByte: () => void,
): Promise<RequestHead | undefined> {
  let held: Buffer = Buffer.alloc(0);
  for (;;) {
    const chunk = await nextChunk(reader, held.length > 0);
    if (chunk === undefined) return undefined;
    if (held.length === 0) onFirstByte();
    const searched = Math.max(0, held.length - 3);
    held = skipEmptyLines(Buffer.concat([held, chunk]));
    const end = held.indexOf("\r\n\r\n", searched);
    if (end > MAX_HEAD_BYTES || (end < 0 && held.length > MAX_HEAD_BYTES)) {
      throw new SlipwayError("resource_exhausted", "Request header fields too large");
    }
    if (end < 0) continue;
    reader.unread(held.subarray(end + 4));
    return parseHead(held.toString("latin1", 0, end));
  }
}

/** RFC 9112 section 2.2: empty lines before a request line are ignored. */
function skipEmptyLines(bytes: Buffer): Buffer {
  let from = 0;
  while (bytes[from] === 13 && bytes[from + 1] === 10) from += 2;
  return bytes.subarray(from);
}

async function nextChunk(reader: SocketReader, begun: boolean): Promise<Uint8Array | undefined> {
  if (reader.closed && !begun) return undefined;
  try {
    const chunk = await reader.read();
    if (chunk === undefined && begun) {
      throw new SlipwayError("invalid_argument", "Bad request: the header ends early");
    }
    return chunk;
  } catch (error) {
    if (!begun) return undefined;
    throw error;
  }
}
