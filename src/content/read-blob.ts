import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Fetcher } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { collectAll } from "./collect.ts";
import { verified } from "./verify.ts";

/** Manifests and configs above this are refused (distribution-spec, "Pushing Manifests", asks for 4 MiB at least). */
export const maxDocumentSize = 8 * 1024 * 1024;

/**
 * The whole blob, verified whatever `from` is. For documents, not layers: throws `invalid_argument` above `limit`
 * bytes, `data_loss` when the bytes are not those of `desc`, `not_found`.
 */
export async function readBlob(
  from: Fetcher,
  desc: Descriptor,
  options?: CallOptions & { limit?: number },
): Promise<Uint8Array> {
  const limit = options?.limit ?? maxDocumentSize;
  if (desc.size > limit) {
    const message = `Blob "${desc.digest}" has ${desc.size} bytes, at most ${limit} are read`;
    throw new SlipwayError("invalid_argument", message);
  }
  await using reader = await from.fetch(desc, { signal: options?.signal });
  return await collectAll(verified(reader, desc), limit);
}
