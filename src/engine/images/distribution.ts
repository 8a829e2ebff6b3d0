import { readBlob } from "../../content/read-blob.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isIndexType, isManifestType } from "../../oci/media-types.ts";
import { parseImageConfig } from "../../oci/parse-image-config.ts";
import { parseIndex, parseManifest } from "../../oci/parse-manifest.ts";
import type { Platform } from "../../oci/platform.ts";
import { parseReference, pullReference } from "../../oci/reference.ts";
import type { Source } from "../../oci/target.ts";
import { openRepository } from "../../registry/client/repository.ts";
import type { DistributionInspect, RegistryAuth } from "../types/image.ts";
import type { ImageHost } from "./image-host.ts";
import { registryConfig } from "./pull.ts";

/**
 * Engine API, "Get image information from the registry": the descriptor a name means there, and the platforms it is
 * for. Nothing is kept. Throws `invalid_argument`, and what the registry throws.
 */
export async function inspectDistribution(
  host: ImageHost,
  name: string,
  { auth, signal }: CallOptions & { auth?: RegistryAuth } = {},
): Promise<DistributionInspect> {
  const reference = pullReference(parseReference(name));
  const repository = openRepository(reference, registryConfig(host, auth));
  const root = await repository.resolve(reference.digest ?? reference.tag ?? "latest", { signal });
  const { mediaType, digest, size } = root;
  return {
    Descriptor: { mediaType, digest, size },
    Platforms: await platformsOf(repository, root, { signal }),
  };
}

async function platformsOf(from: Source, root: Descriptor, o: CallOptions): Promise<Platform[]> {
  if (isIndexType(root.mediaType)) {
    const { manifests } = parseIndex(await readBlob(from, root, o));
    return manifests.flatMap(({ platform }) => (platform === undefined ? [] : [platform]));
  }
  if (!isManifestType(root.mediaType)) return [];
  const { config } = parseManifest(await readBlob(from, root, o));
  // What else is stored in registries (charts, signatures) is for no platform.
  if (!/image(\.config)?\.v1\+json$/.test(config.mediaType)) return [];
  const { os, architecture, variant } = parseImageConfig(await readBlob(from, config, o));
  return [{ os, architecture, ...(variant !== undefined && { variant }) }];
}
