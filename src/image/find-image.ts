import { readBlob } from "../content/read-blob.ts";
import { isCode, SlipwayError } from "../errors.ts";
import type { ContentStore } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isDigest, type Digest } from "../oci/digest.ts";
import { canonicalString, familiarString, parseReference, withDefaultTag } from "../oci/reference.ts";
import type { ImageRecord, ImageRecords } from "./image-records.ts";
import { normalise } from "./normalise-reference.ts";
import { sniffMediaType } from "./sniff-media-type.ts";

/** See {@link ImageStore.get}. */
export function findImage(records: ImageRecords, name: string): ImageRecord {
  const full = /^[0-9a-f]{64}$/.test(name) ? `sha256:${name}` : name;
  if (isDigest(full)) {
    const image = records.get(full) ?? records.byManifest(full);
    if (image !== undefined) return image;
    throw new SlipwayError("not_found", `No such image: ${name}`);
  }
  return byReference(records, name) ?? byPrefix(records, name) ?? noSuchImage(name);
}

/** See {@link ImageStore.resolve}. A stored manifest that no image has, named by its digest, is found as well. */
export async function findTarget(
  records: ImageRecords,
  content: ContentStore,
  ref: string,
): Promise<Descriptor> {
  const tagged = taggedTarget(records, ref);
  if (tagged !== undefined) return tagged;
  const digest = isDigest(ref) ? ref : digestIn(ref);
  const isImage = digest !== undefined && records.get(digest) !== undefined;
  const stored = digest === undefined || isImage ? undefined : await storedDocument(content, digest);
  return stored ?? findImage(records, ref).manifest;
}

function taggedTarget(records: ImageRecords, ref: string): Descriptor | undefined {
  if (isDigest(ref) || !isReference(ref)) return undefined;
  const { reference, isDigestReference } = normalise(ref);
  return isDigestReference ? undefined : records.tag(reference)?.target;
}

function digestIn(ref: string): Digest | undefined {
  return isReference(ref) ? parseReference(ref).digest : undefined;
}

async function storedDocument(content: ContentStore, digest: Digest): Promise<Descriptor | undefined> {
  try {
    const { size } = await content.info(digest);
    const desc = { mediaType: "application/octet-stream", digest, size };
    const mediaType = sniffMediaType(await readBlob(content, desc));
    return mediaType === undefined ? undefined : { ...desc, mediaType };
  } catch (error) {
    if (isCode(error, "not_found") || isCode(error, "invalid_argument")) return undefined;
    throw error;
  }
}

function byReference(records: ImageRecords, name: string): ImageRecord | undefined {
  if (!isReference(name)) return undefined;
  const { reference, isDigestReference } = normalise(name);
  const id = isDigestReference ? records.repoDigest(reference) : records.tag(reference)?.image;
  return id === undefined ? undefined : records.get(id);
}

function byPrefix(records: ImageRecords, name: string): ImageRecord | undefined {
  const hex = name.startsWith("sha256:") ? name.slice("sha256:".length) : name;
  if (!/^[0-9a-f]{1,64}$/.test(hex)) return undefined;
  const [id, another] = records.idsByPrefix(`sha256:${hex}`);
  if (another !== undefined) {
    throw new SlipwayError("conflict", `Image ID "${name}" is ambiguous: several images begin with it`);
  }
  return id === undefined ? undefined : records.get(id);
}

function isReference(name: string): boolean {
  try {
    return canonicalString(parseReference(name)) !== "";
  } catch (error) {
    if (isCode(error, "invalid_argument")) return false;
    throw error;
  }
}

function noSuchImage(name: string): never {
  const shown = isReference(name) ? familiarString(withDefaultTag(parseReference(name))) : name;
  throw new SlipwayError("not_found", `No such image: ${shown}`);
}
