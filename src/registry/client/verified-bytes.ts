import { collectAll } from "../../content/collect.ts";
import { verified } from "../../content/verify.ts";
import { SlipwayError } from "../../errors.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";

/** The whole of `content`, verified. For manifests and configs only: throws `data_loss` above `max` bytes. */
export async function verifiedBytes(
  descriptor: Descriptor,
  content: ByteStream,
  max: number,
): Promise<Uint8Array> {
  if (descriptor.size > max)
    throw new SlipwayError("data_loss", `Content for "${descriptor.digest}" is larger than ${max} bytes`);
  return await collectAll(verified(content, descriptor), max);
}
