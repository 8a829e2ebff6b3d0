import { hasBlob } from "../content/has-blob.ts";
import { verified } from "../content/verify.ts";
import { errorMessage } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { ContentStore } from "../oci/content.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { ImageStore } from "./image-store.ts";
import type { LayerStore } from "./layer-store.ts";

/**
 * Reads every blob and follows every record. Yields a sentence for each thing that is wrong: a corrupted blob, an image
 * whose manifest, config or layer is missing, a layer without its snapshot. Changes nothing.
 */
export async function* checkStore(
  parts: {
    readonly content: ContentStore;
    readonly images: ImageStore;
    readonly layers: LayerStore;
    readonly snapshotter: Snapshotter;
  },
  options?: CallOptions,
): AsyncGenerator<string> {
  const { content, images, layers, snapshotter } = parts;
  for await (const { digest, size } of content.list()) {
    const problem = await problemOf(async () => {
      const desc = { mediaType: "application/octet-stream", digest, size };
      // Collected since it was listed: if somebody needs it, the images below tell.
      if (!(await hasBlob(content, digest))) return;
      await using reader = await content.fetch(desc, options);
      for await (const _chunk of verified(reader, desc)) options?.signal?.throwIfAborted();
    });
    if (problem !== undefined) yield problem;
  }
  for (const { id, manifest } of images.records.list()) {
    const problem = await problemOf(async () => {
      if (!(await images.exists(manifest, options))) throw new Error("a blob of it is missing");
    });
    if (problem !== undefined) yield `Image "${id}": ${problem}`;
  }
  for (const { chainID, snapshot } of layers.list()) {
    const problem = await problemOf(async () => void (await snapshotter.stat(snapshot)));
    if (problem !== undefined) yield `Layer "${chainID}": ${problem}`;
  }
}

async function problemOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error;
    return errorMessage(error);
  }
}
