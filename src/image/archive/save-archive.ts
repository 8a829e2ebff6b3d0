import { Handoff } from "../../internal/handoff.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Source } from "../../oci/target.ts";
import { copy } from "../copy.ts";
import { ArchiveTarget } from "./archive-target.ts";

export interface SavedImage {
  readonly descriptor: Descriptor;
  /** Canonical; empty for an image without a name. */
  readonly references: readonly string[];
}

/**
 * An archive of the images, as {@link ArchiveTarget} writes it; blobs they share are in it once. The archive is made
 * while it is read; leaving early stops the work. Throws what reading the images throws, a `CopyError`.
 */
export async function* saveArchive(
  src: Source,
  images: readonly SavedImage[],
  options: CallOptions = {},
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const pieces = new Handoff<Uint8Array>();
  const target = new ArchiveTarget(async (chunk) => {
    if (chunk.length > 0) await pieces.put(chunk);
  });
  const writing = (async () => {
    for (const { descriptor, references } of images) {
      await copy(src, descriptor, target, undefined, { signal, concurrency: 1 });
      target.add(descriptor);
      for (const reference of references) await target.tag(descriptor, reference);
    }
    await target.finish();
  })().then(
    () => pieces.end(),
    (error: unknown) => pieces.end({ error }),
  );
  try {
    yield* pieces;
  } finally {
    stop.abort();
    await writing;
  }
}
