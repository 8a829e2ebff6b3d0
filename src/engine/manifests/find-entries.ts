import { readBlob } from "../../content/read-blob.ts";
import { isCode } from "../../errors.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { ImageConfig } from "../../oci/image-config.ts";
import { isImageConfigType, isIndexType } from "../../oci/media-types.ts";
import { parseImageConfig } from "../../oci/parse-image-config.ts";
import { parseIndex, parseManifest } from "../../oci/parse-manifest.ts";
import { canonicalString, parseReference, pullReference, type Reference } from "../../oci/reference.ts";
import type { Platform } from "../../oci/platform.ts";
import type { Source } from "../../oci/target.ts";
import { openRepository } from "../../registry/client/repository.ts";
import type { ImageHost } from "../images/image-host.ts";
import type { ManifestListEntry, ManifestPlatform } from "../types/manifest-list.ts";
import { listRegistry, type ListAccess } from "./list-registry.ts";

type Found = Pick<ManifestListEntry, "Ref" | "Source" | "Image">;

/** What `name` adds to a list: one image, or all that an index of its registry lists. Throws `not_found`. */
export async function findEntries(
  host: ImageHost,
  name: string,
  options: ListAccess & { local?: boolean },
): Promise<ManifestListEntry[]> {
  const local = () => localEntry(host, name, options);
  if (options.local === true) return [await local()];
  const reference = pullReference(parseReference(name));
  try {
    return await remoteEntries(host, reference, options);
  } catch (error) {
    // What was built here and not pushed yet; when it is nowhere, the registry's own words say so.
    if (!isCode(error, "not_found") && !isCode(error, "unauthorized")) throw error;
    return [await local().catch(() => Promise.reject(error))];
  }
}

async function remoteEntries(
  host: ImageHost,
  reference: Reference,
  options: ListAccess,
): Promise<ManifestListEntry[]> {
  const { signal } = options;
  const repository = openRepository(reference, listRegistry(host, reference, options));
  const root = await repository.resolve(reference.digest ?? reference.tag ?? "latest", { signal });
  if (!isIndexType(root.mediaType)) {
    const found = { Ref: canonicalString(reference), Source: "registry" } as const;
    return [await readEntry(repository, root, found, options)];
  }
  const listed = parseIndex(await readBlob(repository, root, { signal })).manifests;
  const entries: ManifestListEntry[] = [];
  for (const desc of listed) {
    if (desc.platform?.os === "unknown" || isIndexType(desc.mediaType)) continue;
    const { domain, path } = reference;
    const Ref = canonicalString({ domain, path, digest: desc.digest });
    entries.push(await readEntry(repository, desc, { Ref, Source: "registry" }, options));
  }
  return entries;
}

/** The manifest as a push would send it, so its layers are compressed now. */
async function localEntry(host: ImageHost, name: string, { signal }: ListAccess): Promise<ManifestListEntry> {
  const image = host.images.get(name);
  using lease = host.leases.create("manifest");
  const { pushCompression: compression } = host;
  const desc = await host.compressor.forPush(image.manifest, { lease, signal, compression });
  const Ref = canonicalString(pullReference(parseReference(name)));
  return await readEntry(host.images, desc, { Ref, Source: "store", Image: image.id }, { signal });
}

async function readEntry(
  from: Source,
  desc: Descriptor,
  found: Found,
  { signal }: ListAccess,
): Promise<ManifestListEntry> {
  const { mediaType, digest, size } = desc;
  const bytes = await readBlob(from, desc, { signal });
  const { config } = parseManifest(bytes);
  const document = isImageConfigType(config.mediaType)
    ? parseImageConfig(await readBlob(from, config, { signal }))
    : undefined;
  const platform = platformOf(desc.platform ?? document);
  return {
    ...found,
    Descriptor: { mediaType, digest, size, platform },
    Raw: Buffer.from(bytes).toString("base64"),
  };
}

/** An artifact is for no platform until somebody says so. */
function platformOf(of: Platform | ImageConfig | undefined): ManifestPlatform {
  const features = of?.["os.features"];
  return {
    architecture: of?.architecture ?? "",
    os: of?.os ?? "",
    ...(of?.["os.version"] !== undefined && { "os.version": of["os.version"] }),
    ...(features !== undefined && { "os.features": [...features] }),
    ...(of?.variant !== undefined && { variant: of.variant }),
  };
}
