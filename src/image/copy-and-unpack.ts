import { readBlob } from "../content/read-blob.ts";
import type { Fetcher } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { parseImageConfig } from "../oci/parse-image-config.ts";
import { parseManifest } from "../oci/parse-manifest.ts";
import { hostPlatform } from "../oci/platform.ts";
import type { Source } from "../oci/target.ts";
import type { Lease } from "../state/leases.ts";
import { Arrivals } from "./arrivals.ts";
import { choosePlatform } from "./choose-platform.ts";
import { copy, type CopyOptions } from "./copy.ts";
import { readingFrom } from "./copy-error.ts";
import type { ImageStore } from "./image-store.ts";
import { rememberDocuments } from "./remember-documents.ts";
import type { Unpacked, Unpacker, UnpackOptions } from "./unpacker.ts";

export interface CopyAndUnpackOptions extends CopyOptions {
  /** Holds blobs and snapshots until the caller has named them. */
  readonly lease: Lease;
  readonly onUnpack?: UnpackOptions["onProgress"];
}

export interface CopiedAndUnpacked {
  /** The manifest that was copied. */
  readonly descriptor: Descriptor;
  /** The image ID. */
  readonly id: Digest;
  /** Undefined for an image without layers. */
  readonly unpacked: Unpacked | undefined;
}

/**
 * Pulls one image: as {@link copy} into the store, with every layer unpacked while it comes. Of an index, the manifest for `platform` (default: this machine's). The image is recorded, and `dstRef` moved to
 * it, only when all of it is unpacked: a failure leaves the names as they were.
 */
export async function copyAndUnpack(
  src: Source,
  srcRef: string | Descriptor,
  parts: { readonly images: ImageStore; readonly unpacker: Unpacker },
  dstRef: string | undefined,
  options: CopyAndUnpackOptions,
): Promise<CopiedAndUnpacked> {
  const { images } = parts;
  const source = rememberDocuments(src);
  const reader = readingFrom(source, typeof srcRef === "string" ? srcRef : srcRef.digest);
  const resolved = typeof srcRef === "string" ? await reader.resolve(srcRef, options) : srcRef;
  const platform = options.platform ?? hostPlatform();
  const root = await choosePlatform(reader, resolved, platform, { signal: options.signal });
  const unpacked = await both(source, reader, root, parts, options);
  const id = await images.put(root, { signal: options.signal });
  if (dstRef !== undefined) await images.tag(root, dstRef, { signal: options.signal });
  return { descriptor: root, id, unpacked };
}

/** Copies and unpacks side by side; when one fails, the other stops. */
async function both(
  source: Source,
  reader: Fetcher,
  root: Descriptor,
  parts: { readonly images: ImageStore; readonly unpacker: Unpacker },
  options: CopyAndUnpackOptions,
): Promise<Unpacked | undefined> {
  const { images, unpacker } = parts;
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const arrivals = new Arrivals(images, signal);
  const copying = copy(source, root, images.leased(options.lease), undefined, {
    ...options,
    signal,
    onProgress: (progress) => {
      const { digest } = progress.descriptor;
      if (progress.state === "transferring") arrivals.moved(digest);
      else arrivals.add(digest);
      options.onProgress?.(progress);
    },
  }).then(() => arrivals.addAll());
  const unpacking = (async () => {
    const manifest = parseManifest(await readBlob(reader, root, { signal }));
    const config = parseImageConfig(await readBlob(arrivals, manifest.config, { signal }));
    const { lease, onUnpack } = options;
    return await unpacker.unpack(manifest, config, arrivals, {
      lease,
      signal,
      ...(onUnpack && { onProgress: onUnpack }),
    });
  })();
  for (const work of [copying, unpacking]) work.catch((error: unknown) => stop.abort(error));
  const [copied, done] = await Promise.allSettled([copying, unpacking]);
  if (copied.status === "fulfilled" && done.status === "fulfilled") return done.value;
  throw signal.reason;
}
