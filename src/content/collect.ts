import { SlipwayError } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";

/** All bytes of `stream`, which is small by nature (a manifest, a config). Throws `invalid_argument` past `limit` bytes. */
export async function collectAll(stream: ByteStream, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) throw new SlipwayError("invalid_argument", `Content is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
