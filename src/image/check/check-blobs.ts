import { rm } from "node:fs/promises";
import { verified } from "../../content/verify.ts";
import { errorMessage, isCode } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { ContentInfo } from "../../oci/content.ts";
import { affectedImages } from "./affected-images.ts";
import type { CheckParts } from "./check-parts.ts";
import type { Problem } from "./problem.ts";

/** Reads every blob and checks it against its name. A damaged one is of no use to anybody, and a pull brings it again. */
export async function* checkBlobs(parts: CheckParts, options: CallOptions = {}): AsyncGenerator<Problem> {
  const { content, images, compressed } = parts;
  for await (const info of content.list()) {
    const damage = await damageOf(content, info, options);
    if (damage === undefined) continue;
    const run = async () => void (await images.collect(info.digest, () => false));
    const names = await affectedImages(parts, ({ blobs }) => blobs.has(info.digest));
    const what = names === "" ? damage : `${damage} (of ${names})`;
    yield { kind: "blob", what, repair: { how: "drop the blob", run } };
  }
  for await (const path of content.strays()) {
    const run = () => rm(path, { recursive: true });
    yield { kind: "leftover", what: `"${path}" is no blob`, repair: { how: "remove it", run } };
  }
  for (const { blob, diffID, isDropped } of compressed.list()) {
    const { digest } = blob;
    if (isDropped) continue;
    const isLost = await content.info(digest).then(
      () => false,
      (error: unknown) => isCode(error, "not_found"),
    );
    if (!isLost) continue;
    const what = `Blob "${digest}" of layer "${diffID}" is missing`;
    const run = async () => compressed.delete(digest);
    yield { kind: "blob", what, repair: { how: "forget that it is here", run } };
  }
}

async function damageOf(
  content: CheckParts["content"],
  { digest, size }: ContentInfo,
  { signal }: CallOptions,
): Promise<string | undefined> {
  const desc = { mediaType: "application/octet-stream", digest, size };
  try {
    await using reader = await content.fetch(desc, { signal });
    for await (const _chunk of verified(reader, desc)) signal?.throwIfAborted();
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    // Somebody removed it while it was read.
    return isCode(error, "not_found") ? undefined : errorMessage(error);
  }
}
