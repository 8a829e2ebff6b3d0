import { readBlob } from "../../content/read-blob.ts";
import { isCode } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest } from "../../oci/digest.ts";
import { isIndexType } from "../../oci/media-types.ts";
import { parseIndex } from "../../oci/parse-manifest.ts";
import { parseReference, pullReference, repositoryName } from "../../oci/reference.ts";
import type { Source } from "../../oci/target.ts";
import { openRepository } from "../../registry/client/repository.ts";
import type { ImageManifest, ImageManifests } from "../types/image-layers.ts";
import { listRegistry } from "../manifests/list-registry.ts";
import type { ImageHost } from "./image-host.ts";
import type { Auths } from "./open-image.ts";

export interface ManifestOptions extends CallOptions {
  auths?: Auths;
  /** The registry may speak plain HTTP, and its certificate is not checked. */
  insecure?: boolean;
  /** Look here, not in the registry. */
  local?: boolean;
  /** Also what an index lists. */
  children?: boolean;
}

/**
 * The manifest or index that a name means in its registry, as `docker manifest inspect` asks; an image ID, or with
 * `local` any name, means what is here. Throws `not_found`, and what the registry throws.
 */
export async function imageManifests(
  host: ImageHost,
  name: string,
  options: ManifestOptions = {},
): Promise<ImageManifests> {
  if (options.local === true || isId(host, name)) {
    const root = await host.images.resolve(name, options);
    return await readManifests(host.images, root, name, options);
  }
  const reference = pullReference(parseReference(name.replace(/^docker:\/\//, "")));
  const repository = openRepository(reference, listRegistry(host, reference, options));
  const { signal } = options;
  const root = await repository.resolve(reference.digest ?? reference.tag ?? "latest", { signal });
  return await readManifests(repository, root, repositoryName(reference), options);
}

/** No reference can be a whole ID; what could be the beginning of one is a reference first. */
function isId(host: ImageHost, name: string): boolean {
  if (isDigest(name) || /^[0-9a-f]{64}$/.test(name)) return true;
  if (!/^[0-9a-f]{4,64}$/.test(name)) return false;
  try {
    return host.images.get(name).id.startsWith(`sha256:${name}`);
  } catch (error) {
    if (isCode(error, "not_found") || isCode(error, "conflict")) return false;
    throw error;
  }
}

async function readManifests(
  from: Source,
  root: Descriptor,
  repository: string,
  { children, signal }: ManifestOptions,
): Promise<ImageManifests> {
  const read = async (desc: Descriptor) => await readBlob(from, desc, { signal });
  const bytes = await read(root);
  const listed = children === true && isIndexType(root.mediaType) ? parseIndex(bytes).manifests : [];
  const manifests: ImageManifest[] = [];
  for (const desc of listed) {
    if (await from.exists(desc, { signal })) manifests.push(document(repository, desc, await read(desc)));
  }
  return { Root: document(repository, root, bytes), Manifests: manifests };
}

function document(repository: string, desc: Descriptor, bytes: Uint8Array): ImageManifest {
  const { mediaType, digest, size, platform } = desc;
  return {
    Ref: `${repository}@${digest}`,
    Descriptor: { mediaType, digest, size, ...(platform !== undefined && { platform }) },
    Raw: Buffer.from(bytes).toString("base64"),
  };
}
