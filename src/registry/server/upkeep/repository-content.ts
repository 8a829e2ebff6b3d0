import { isDigest, type Digest } from "../../../oci/digest.ts";
import { keys } from "../keys.ts";
import { parseManifestDocument } from "../manifest-document.ts";
import type { StorageDriver } from "../storage-driver.ts";
import type { TagRecord } from "./retention.ts";

/** A manifest of a repository and what it names. */
export interface ManifestRecord {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly modified: Date;
  readonly size: number;
  /** Every digest in its text but its subject's: more than it needs is kept rather than less. */
  readonly mentions: ReadonlySet<Digest>;
  readonly subject: Digest | undefined;
  /** Its descriptor among its subject's referrers, as stored. */
  readonly referrer: Uint8Array | undefined;
}

export async function readTags(storage: StorageDriver, repository: string): Promise<TagRecord[]> {
  const found: TagRecord[] = [];
  for (const tag of await storage.children(keys.tags(repository))) {
    const key = keys.tag(repository, tag);
    const [bytes, modified] = await Promise.all([storage.get(key), storage.modified(key)]);
    const digest = bytes && new TextDecoder().decode(bytes);
    if (digest !== undefined && modified !== undefined && isDigest(digest))
      found.push({ tag, digest, modified });
  }
  return found;
}

/** The manifests of a repository that are not in `known`. Throws when one of them cannot be read. */
export async function readManifests(
  storage: StorageDriver,
  repository: string,
  known: ReadonlyMap<Digest, ManifestRecord> = new Map(),
): Promise<Map<Digest, ManifestRecord>> {
  const found = new Map<Digest, ManifestRecord>();
  for (const digest of await digestsBelow(storage, keys.manifests(repository))) {
    if (known.has(digest)) continue;
    const record = await readManifest(storage, repository, digest);
    if (record !== undefined) found.set(digest, record);
  }
  return found;
}

/** The digests of links, or of blobs with their shards, below `prefix`. */
export async function digestsBelow(storage: StorageDriver, prefix: string): Promise<Digest[]> {
  const found: Digest[] = [];
  for (const algorithm of await storage.children(prefix)) {
    for (const name of await storage.children(`${prefix}/${algorithm}`)) {
      const names = name.length === 2 ? await storage.children(`${prefix}/${algorithm}/${name}`) : [name];
      for (const hex of names) {
        const digest = `${algorithm}:${hex}`;
        if (isDigest(digest)) found.push(digest);
      }
    }
  }
  return found;
}

/** Undefined when it is gone by now, or its bytes are: nothing can need what is not there. */
async function readManifest(
  storage: StorageDriver,
  repository: string,
  digest: Digest,
): Promise<ManifestRecord | undefined> {
  const key = keys.manifestLink(repository, digest);
  const [link, modified, bytes] = await Promise.all([
    storage.get(key),
    storage.modified(key),
    storage.get(keys.blob(digest)),
  ]);
  if (link === undefined || modified === undefined || bytes === undefined) return undefined;
  const text = new TextDecoder().decode(bytes);
  const mediaType = new TextDecoder().decode(link);
  const { subject } = parseManifestDocument(bytes, mediaType);
  const mentions = new Set(text.match(/sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}/g)?.filter(isDigest));
  const needsSubject = subject !== undefined && countOf(text, subject) > 1;
  if (subject !== undefined && !needsSubject) mentions.delete(subject);
  const referrer = subject && (await storage.get(keys.referrer(repository, subject, digest)));
  return { digest, mediaType, modified, size: bytes.length, mentions, subject, referrer };
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}
