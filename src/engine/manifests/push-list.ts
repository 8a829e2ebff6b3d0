import { once } from "../../content/write-blob.ts";
import { SlipwayError } from "../../errors.ts";
import { copy } from "../../image/copy.ts";
import { digestOf, type Digest } from "../../oci/digest.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { canonicalString, parseReference, type Reference } from "../../oci/reference.ts";
import { openRepository, type Repository } from "../../registry/client/repository.ts";
import type { ImageHost } from "../images/image-host.ts";
import type { ManifestListEntry, PushedManifestList } from "../types/manifest-list.ts";
import { listIndex, type ListRecord } from "./list-record.ts";
import { listRegistry, type ListAccess } from "./list-registry.ts";

/**
 * Copies each image to the list's repository, where it is not there yet, then puts the index. Throws
 * `invalid_argument` for an image without a platform, and what the registries throw.
 */
export async function pushList(
  host: ImageHost,
  { Name, Entries }: ListRecord,
  options: ListAccess,
): Promise<PushedManifestList> {
  const target = parseReference(Name);
  for (const { Ref, Descriptor } of Entries) {
    if (Descriptor.platform.os !== "" && Descriptor.platform.architecture !== "") continue;
    const what = `manifest ${Ref} must have an OS and Architecture to be pushed to a registry`;
    throw new SlipwayError("invalid_argument", what);
  }
  const repository = openRepository(target, listRegistry(host, target, options));
  const pushed: PushedManifestList["Pushed"] = [];
  const sent: ManifestListEntry[] = [];
  for (const entry of Entries) {
    const descriptor = await sendImage(host, entry, target, repository, options);
    sent.push({ ...entry, Descriptor: { ...entry.Descriptor, ...descriptor } });
    if (isIn(target, entry)) continue;
    const { domain, path } = target;
    const ref = canonicalString({ domain, path, digest: descriptor.digest });
    pushed.push({ Ref: ref, Digest: descriptor.digest });
  }
  return { Digest: await putIndex(sent, target, repository, options), Pushed: pushed };
}

type Sent = Pick<Descriptor, "mediaType" | "digest" | "size">;

async function sendImage(
  host: ImageHost,
  entry: ManifestListEntry,
  target: Reference,
  repository: Repository,
  options: ListAccess,
): Promise<Sent> {
  const { signal } = options;
  if (entry.Source === "store") return await sendStored(host, entry, repository, options);
  const { mediaType, size, digest } = entry.Descriptor;
  const desc = { mediaType, size, digest: digest as Digest };
  if (isIn(target, entry)) return desc;
  const from = parseReference(entry.Ref);
  const source = openRepository(from, listRegistry(host, from, options));
  await copy(source, desc, repository, undefined, {
    signal,
    ...(from.domain === target.domain && { from: from.path }),
  });
  return desc;
}

async function sendStored(
  host: ImageHost,
  entry: ManifestListEntry,
  repository: Repository,
  { signal }: ListAccess,
): Promise<Sent> {
  using lease = host.leases.create("push");
  const image = host.images.get(entry.Image ?? "");
  const { pushCompression: compression } = host;
  const desc = await host.compressor.forPush(image.manifest, { lease, signal, compression });
  await copy(host.images, desc, repository, undefined, { signal });
  const { mediaType, digest, size } = desc;
  return { mediaType, digest, size };
}

async function putIndex(
  entries: readonly ManifestListEntry[],
  target: Reference,
  repository: Repository,
  { signal }: ListAccess,
): Promise<string> {
  const { mediaType, bytes } = listIndex(entries);
  const index = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await repository.push(index, once(bytes), { signal });
  if (target.tag !== undefined) await repository.tag(index, target.tag, { signal });
  return index.digest;
}

/** Whether the image lies in the list's own repository. */
function isIn(target: Reference, { Ref, Source }: ManifestListEntry): boolean {
  const { domain, path } = parseReference(Ref);
  return Source === "registry" && domain === target.domain && path === target.path;
}
