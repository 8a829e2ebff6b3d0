import { posix } from "node:path";
import { collectAll } from "../../content/collect.ts";
import { errorMessage, isCode, SlipwayError } from "../../errors.ts";
import { decompressArchive } from "../../layer/decompress-archive.ts";
import { detectCompression } from "../../layer/decompress.ts";
import { tarTypes } from "../../layer/tar/tar-header.ts";
import { readTar, type TarEntry } from "../../layer/tar/tar-reader.ts";
import type { ByteStream, CallOptions } from "../../oci/call-options.ts";
import type { ContentStore } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";
import { mediaTypes, type Compression } from "../../oci/media-types.ts";
import type { Lease } from "../../state/leases.ts";

/** A file of an archive, stored as a blob. */
export interface ArchivedFile {
  readonly blob: Descriptor;
  /** By its first bytes. */
  readonly compression: Compression;
}

/** The files of an image archive: documents in memory, all else in the content store. */
export interface ArchiveEntries {
  /** `index.json`, `manifest.json` and `oci-layout`, by name. */
  readonly documents: ReadonlyMap<string, Uint8Array>;
  /** Follows links. Undefined when the archive has no such file. */
  file(name: string): ArchivedFile | undefined;
}

/** Where blobs go whose digest and size the archive tells beforehand. */
export interface BlobTarget {
  /** Smaller ones are written as all else is (bytes). */
  readonly from: number;
  /** `content` may be left unread: what it has is here already. Throws `data_loss` when it is not the blob. */
  receive(desc: Descriptor, content: ByteStream): Promise<void>;
}

const documentNames = new Set(["index.json", "manifest.json", "oci-layout"]);
const maxDocument = 4 * 1024 * 1024;
const maxEntries = 100_000;
const maxLinks = 16;

/**
 * Reads an image archive (docker save of any age, OCI layout), which may be compressed as a whole, and stores its
 * files as they come, held by `lease`. A file `blobs/<algorithm>/<hex>` must have that digest. Throws `data_loss`,
 * `invalid_argument`.
 */
export async function readArchiveEntries(
  stream: ByteStream,
  content: ContentStore,
  lease: Lease,
  options?: CallOptions & { readonly blobs?: BlobTarget | undefined },
): Promise<ArchiveEntries> {
  const documents = new Map<string, Uint8Array>();
  const files = new Map<string, ArchivedFile>();
  const links = new Map<string, string>();
  let entries = 0;
  for await (const entry of asArchive(readTar(decompressArchive(stream)))) {
    options?.signal?.throwIfAborted();
    entries += 1;
    if (entries > maxEntries)
      throw new SlipwayError("invalid_argument", "Image archive has too many entries");
    const name = cleanName(entry.header.name);
    const target = linkTarget(name, entry);
    if (target !== undefined) links.set(name, target);
    else if (!isFile(entry.header.type)) continue;
    else if (documentNames.has(name)) documents.set(name, await collectAll(entry.content, maxDocument));
    else files.set(name, await store(name, entry, { content, lease, ...options }));
  }
  return { documents, file: (name) => follow(cleanName(name), files, links) };
}

/** What fails before the first entry is told of as what it is: something else than an archive. */
async function* asArchive(entries: AsyncIterable<TarEntry>): AsyncGenerator<TarEntry> {
  let isArchive = false;
  try {
    for await (const entry of entries) {
      isArchive = true;
      yield entry;
    }
  } catch (error) {
    if (isArchive || !isCode(error, "invalid_argument")) throw error;
    const what = `Invalid image archive: it is no tar archive: ${errorMessage(error)}`;
    throw new SlipwayError("invalid_argument", what, { cause: error });
  }
}

function isFile(type: string): boolean {
  return type === tarTypes.file || type === tarTypes.contiguous || type === "\0";
}

/** Names are only looked up, never opened: one that leads out of the archive finds nothing. */
function cleanName(name: string): string {
  return posix.normalize(`/${name}`).slice(1);
}

function linkTarget(name: string, entry: TarEntry): string | undefined {
  const { type, linkname } = entry.header;
  if (type === tarTypes.hardLink) return cleanName(linkname);
  if (type === tarTypes.symlink) return cleanName(posix.join(posix.dirname(name), linkname));
  return undefined;
}

function follow(
  name: string,
  files: ReadonlyMap<string, ArchivedFile>,
  links: ReadonlyMap<string, string>,
): ArchivedFile | undefined {
  let at: string | undefined = name;
  for (let step = 0; at !== undefined && step < maxLinks; step += 1) {
    const found = files.get(at);
    if (found !== undefined) return found;
    at = links.get(at);
  }
  return undefined;
}

interface Storing extends CallOptions {
  readonly content: ContentStore;
  readonly lease: Lease;
  readonly blobs?: BlobTarget | undefined;
}

async function store(name: string, entry: TarEntry, storing: Storing): Promise<ArchivedFile> {
  const digest = digestInName(name);
  if (digest !== undefined) storing.lease.add(`blob/${digest}`);
  try {
    const { blobs } = storing;
    if (digest !== undefined && blobs !== undefined && entry.header.size >= blobs.from)
      return await receive(digest, entry, blobs);
    return await write(digest, entry, storing);
  } catch (error) {
    if (!isCode(error, "data_loss")) throw error;
    throw new SlipwayError("data_loss", `File "${name}" of the archive does not match its name`, {
      cause: error,
    });
  }
}

async function receive(digest: Digest, entry: TarEntry, blobs: BlobTarget): Promise<ArchivedFile> {
  const { head, whole } = await withHead(entry.content);
  const compression = detectCompression(head);
  const isLayer = compression !== "none" || head.subarray(tarMagicAt, tarMagicAt + 5).toString() === "ustar";
  const mediaType = isLayer ? layerTypes[compression] : "application/octet-stream";
  const { size } = entry.header;
  await blobs.receive({ mediaType, digest, size }, whole);
  return { blob: { mediaType: "application/octet-stream", digest, size }, compression };
}

async function write(
  digest: Digest | undefined,
  entry: TarEntry,
  { content, lease, signal }: Storing,
): Promise<ArchivedFile> {
  const head: Uint8Array[] = [];
  await using writer = await content.ingest(`load/${crypto.randomUUID()}`);
  try {
    for await (const chunk of entry.content) {
      signal?.throwIfAborted();
      if (writer.offset < 4) head.push(chunk.slice(0, 4));
      await writer.write(chunk);
    }
    const hold = (own: Digest) => lease.add(`blob/${own}`);
    const blob = await writer.commit({ ...(digest !== undefined && { digest }), hold });
    return { blob, compression: detectCompression(Buffer.concat(head)) };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Where a tar header has its magic (POSIX.1-1988). */
const tarMagicAt = 257;

/** The first bytes of `content`, enough to know a tar by, and all of it. */
async function withHead(content: ByteStream): Promise<{ head: Buffer; whole: ByteStream }> {
  const chunks = content[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < 512) {
    const next = await chunks.next();
    if (next.done === true) break;
    // The reader may use its buffer again.
    first.push(next.value.slice());
    length += next.value.length;
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield* first;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  }
  return { head: Buffer.concat(first.map((chunk) => chunk.subarray(0, 512))), whole: whole() };
}

/** By how a layer is compressed. */
export const layerTypes: Record<Compression, string> = {
  none: mediaTypes.ociLayer,
  gzip: mediaTypes.ociLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
};

/** OCI image layout, "Blobs". */
function digestInName(name: string): Digest | undefined {
  const [, algorithm, hex] = /^blobs\/([^/]+)\/([^/]+)$/.exec(name) ?? [];
  const digest = `${algorithm}:${hex}`;
  return isDigest(digest) ? digest : undefined;
}
