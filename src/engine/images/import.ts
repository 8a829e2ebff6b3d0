import { applyChanges } from "../../build/plan/apply-changes.ts";
import { writeBytes } from "../../content/write-blob.ts";
import { errorMessage, SlipwayError } from "../../errors.ts";
import { readImage } from "../../image/read-image.ts";
import { decompressArchive } from "../../layer/decompress-archive.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { ImageConfig } from "../../oci/image-config.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { hostPlatform, parsePlatform } from "../../oci/platform.ts";
import type { Lease } from "../../state/leases.ts";
import type { ImportOptions } from "../engine.ts";
import type { TransferProgress } from "../types/image.ts";
import type { ImageHost } from "./image-host.ts";
import { nameOfNewImage } from "./name-of-new-image.ts";

type Options = ImportOptions & { readonly signal: AbortSignal };

/**
 * Makes an image of one layer from a tar of a root (plain, gzip or zstd), or from the one at a URL. Tells the image's
 * ID at the end. Throws `invalid_argument` for an archive, a name or a change that is wrong; nothing is kept then.
 */
export async function importImage(
  host: ImageHost,
  source: ByteStream | URL,
  options: Options,
  report: (line: TransferProgress) => void,
): Promise<void> {
  const { reference, signal } = options;
  const name = reference === undefined ? undefined : nameOfNewImage(reference, "import");
  const platform = options.platform ? parsePlatform(options.platform) : hostPlatform();
  const base = { ...platform, rootfs: { type: "layers" as const, diff_ids: [] } };
  const config = applyChanges(base, options.changes ?? []);
  if (source instanceof URL) report({ status: `Downloading from ${source.href}` });
  using lease = host.leases.create("import");
  const archive = source instanceof URL ? download(source, signal) : source;
  const layer = await storeLayer(host, lease, archive, signal);
  const created = new Date().toISOString();
  const from = source instanceof URL ? source.href : "-";
  const manifest = await storeImage(host, lease, layer, {
    ...base,
    created,
    config,
    rootfs: { type: "layers", diff_ids: [layer.digest] },
    history: [{ created, comment: options.message || `Imported from ${from}` }],
  });
  const image = await readImage(host.content, manifest, { signal });
  await host.unpacker.unpack(image.manifest, image.config, host.images, { lease, signal });
  await host.images.put(manifest, { signal });
  if (name !== undefined) await host.images.tag(manifest, name, { signal });
  const id = image.manifest.config.digest;
  host.events.publish("image", "import", id, { name: name ?? id });
  report({ status: id });
}

/** Uncompressed, so that the blob's digest is the layer's diffID. It is held before it has its name. */
async function storeLayer(
  host: ImageHost,
  lease: Lease,
  source: ByteStream,
  signal: AbortSignal,
): Promise<Descriptor> {
  await using writer = await host.content.ingest(`import/${crypto.randomUUID()}`);
  try {
    for await (const chunk of decompressArchive(source)) {
      signal.throwIfAborted();
      await writer.write(chunk);
    }
    const blob = await writer.commit({ hold: (digest) => lease.add(`blob/${digest}`) });
    return { ...blob, mediaType: mediaTypes.ociLayer };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function storeImage(
  { content }: ImageHost,
  lease: Lease,
  layer: Descriptor,
  config: ImageConfig,
): Promise<Descriptor> {
  const put = (mediaType: string, document: object) =>
    writeBytes(content, mediaType, Buffer.from(JSON.stringify(document)), (digest) =>
      lease.add(`blob/${digest}`),
    );
  const stored = await put(mediaTypes.ociConfig, config);
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: stored, layers: [layer] };
  return await put(mediaTypes.ociManifest, manifest);
}

async function* download(url: URL, signal: AbortSignal): ByteStreamGenerator {
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    throw new SlipwayError("unavailable", `Cannot download "${url.href}": ${errorMessage(cause)}`, { cause });
  });
  if (!response.ok || response.body === null)
    throw new SlipwayError(
      response.status === 404 ? "not_found" : "unavailable",
      `Cannot download "${url.href}": HTTP status ${response.status}`,
    );
  yield* response.body as unknown as ByteStream;
}

type ByteStreamGenerator = AsyncGenerator<Uint8Array, void, void>;
