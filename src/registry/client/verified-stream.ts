import { createHash } from "node:crypto";
import { SlipwayError } from "../../errors.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { splitDigest } from "../../oci/digest.ts";

/** Passes `content` on; throws `data_loss` before its last chunk when it is not what `descriptor` names. */
export async function* verifiedStream(
  descriptor: Descriptor,
  content: ByteStream,
): AsyncGenerator<Uint8Array, void, void> {
  const { algorithm, hex } = splitDigest(descriptor.digest);
  const hash = createHash(algorithm);
  let size = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of content) {
    hash.update(chunk);
    size += chunk.length;
    if (size > descriptor.size) throw mismatch(descriptor, `has more than ${descriptor.size} bytes`);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (size !== descriptor.size) throw mismatch(descriptor, `has ${size} bytes instead of ${descriptor.size}`);
  if (hash.digest("hex") !== hex) throw mismatch(descriptor, "has another digest");
  if (held !== undefined) yield held;
}

/** The whole of `content`, verified. For manifests and configs only: throws `data_loss` above `max` bytes. */
export async function verifiedBytes(
  descriptor: Descriptor,
  content: ByteStream,
  max: number,
): Promise<Uint8Array> {
  if (descriptor.size > max) throw mismatch(descriptor, `is larger than ${max} bytes`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of verifiedStream(descriptor, content)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function mismatch(descriptor: Descriptor, why: string): SlipwayError {
  return new SlipwayError("data_loss", `Content for "${descriptor.digest}" ${why}`);
}
