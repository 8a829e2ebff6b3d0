import { createHash } from "node:crypto";
import { SlipwayError } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";
import { splitDigest, type Digest } from "../oci/digest.ts";

/** What verified bytes must be. */
export interface Expected {
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
}

/**
 * Passes `stream` on and checks it on the way. The last chunk is held back until digest and size are known to be
 * right, so wrong content is never passed on whole: the iteration throws `data_loss` and names the blob.
 */
export async function* verified(stream: ByteStream, expected: Expected): AsyncGenerator<Uint8Array> {
  const hash = createHash(splitDigest(expected.digest).algorithm);
  let size = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of stream) {
    if (chunk.length === 0) continue;
    size += chunk.length;
    if (size > expected.size) throw wrongSize(expected, `more than ${expected.size}`);
    hash.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (size !== expected.size) throw wrongSize(expected, String(size));
  const hex = hash.digest("hex");
  if (!expected.digest.endsWith(`:${hex}`)) throw wrongDigest(expected.digest, hex);
  if (held !== undefined) yield held;
}

export function wrongDigest(digest: Digest, hex: string): SlipwayError {
  const { algorithm } = splitDigest(digest);
  return new SlipwayError("data_loss", `Blob "${digest}" is corrupted: its content has ${algorithm}:${hex}`);
}

export function wrongSize(expected: Expected, got: string): SlipwayError {
  const want = `${expected.size} bytes expected`;
  return new SlipwayError("data_loss", `Blob "${expected.digest}" is corrupted: ${got} bytes, ${want}`);
}
