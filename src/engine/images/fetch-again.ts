import { readBlob } from "../../content/read-blob.ts";
import { isCode } from "../../errors.ts";
import type { ImageRecords } from "../../image/image-records.ts";
import type { FetchAgain } from "../../image/lazy-layers.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { ContentStore } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { parseManifest } from "../../oci/parse-manifest.ts";
import { parseReference } from "../../oci/reference.ts";
import type { RegistryConfig } from "../../registry/client/registry-config.ts";
import { openRepository, type Repository } from "../../registry/client/repository.ts";

export interface FetchAgainParts {
  readonly content: ContentStore;
  readonly records: ImageRecords;
  readonly registries: Omit<RegistryConfig, "credentials">;
}

/**
 * Layer blobs from the repositories that images were pulled from or pushed to, without a login: the engine keeps none, so
 * what everybody may have is all it can count on.
 */
export function fetchAgain(parts: FetchAgainParts): FetchAgain {
  return async (blob, options) => {
    const repository = await repositoryOf(parts, blob, options);
    return await repository?.fetch(blob, options);
  };
}

/** Whether {@link fetchAgain} gets the blob now. */
export async function canFetchAgain(
  parts: FetchAgainParts,
  blob: Descriptor,
  options?: CallOptions,
): Promise<boolean> {
  return (await repositoryOf(parts, blob, options)) !== undefined;
}

async function repositoryOf(
  parts: FetchAgainParts,
  blob: Descriptor,
  options?: CallOptions,
): Promise<Repository | undefined> {
  for (const image of parts.records.list()) {
    const references = parts.records.repoDigestsOf(image.id);
    if (references.length === 0 || !(await hasLayer(parts.content, image.manifest, blob))) continue;
    for (const reference of references) {
      const repository = openRepository(parseReference(reference), parts.registries);
      const isThere = await repository.exists(blob, options).catch((error: unknown) => {
        if (isCode(error, "cancelled")) throw error;
        return false;
      });
      if (isThere) return repository;
    }
  }
  return undefined;
}

/** A manifest that is damaged has none: the check of the store tells of it. */
async function hasLayer(content: ContentStore, manifest: Descriptor, blob: Descriptor): Promise<boolean> {
  try {
    const { layers } = parseManifest(await readBlob(content, manifest));
    return layers.some(({ digest }) => digest === blob.digest);
  } catch {
    return false;
  }
}
