import type { DryRunDocument, PushedLayer } from "../build/calls/dry-run-document.ts";
import type { DryRun, FutureLayer } from "../build/dry-run.ts";
import type { CompressedLayers } from "../image/compressed-layers.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { layerCompression } from "../oci/media-types.ts";
import { canonicalString, parseReference, withDefaultTag } from "../oci/reference.ts";
import { openRepository } from "../registry/client/repository.ts";
import { authFor } from "./images/base-image.ts";
import type { ImageHost } from "./images/image-host.ts";
import { registryConfig } from "./images/pull.ts";
import type { RegistryAuth } from "./types/image.ts";

interface DryRunParts {
  readonly host: ImageHost;
  readonly compressed: CompressedLayers;
}

/** What a build would do, with what pushing its result would send. Asks the registries what they have. */
export async function dryRunDocument(
  parts: DryRunParts,
  { layers, ...dry }: DryRun,
  options: CallOptions & {
    readonly references: readonly string[];
    readonly auths: Readonly<Record<string, RegistryAuth>> | undefined;
  },
): Promise<DryRunDocument> {
  const pushes = options.references.map(async (text) => {
    const reference = withDefaultTag(parseReference(text));
    const name = canonicalString(reference);
    const auth = authFor(options.auths ?? {}, name);
    const repository = openRepository(reference, registryConfig(parts.host, auth));
    const isThere = (blob: Descriptor): Promise<boolean> =>
      repository.exists(blob, { signal: options.signal }).catch(() => false);
    return {
      reference: name,
      layers: await Promise.all(layers.map((layer) => pushed(layer, parts, isThere))),
    };
  });
  return { ...dry, pushes: await Promise.all(pushes) };
}

async function pushed(
  layer: FutureLayer,
  parts: DryRunParts,
  isThere: (blob: Descriptor) => Promise<boolean>,
): Promise<PushedLayer> {
  const { name, isOpen } = layer;
  const blob = blobOf(layer, parts);
  const bytes = blob?.size ?? layer.identity?.size ?? layer.descriptor?.size;
  const known = {
    name,
    ...(bytes !== undefined && { bytes }),
    ...(blob === undefined && { isEstimate: true }),
  };
  if (isOpen) return { ...known, state: "open" };
  return { ...known, state: blob !== undefined && (await isThere(blob)) ? "there" : "sent" };
}

/** The layer as it travels, when it was compressed before. */
function blobOf(
  { descriptor, identity }: FutureLayer,
  { host, compressed }: DryRunParts,
): Descriptor | undefined {
  const isCompressed = descriptor !== undefined && layerCompression(descriptor.mediaType) !== "none";
  if (isCompressed) return descriptor;
  const diffID = identity?.diffID ?? descriptor?.digest;
  if (diffID === undefined) return undefined;
  const blobs = compressed.blobsOf(diffID as Parameters<CompressedLayers["blobsOf"]>[0]);
  return blobs.find(({ mediaType }) => layerCompression(mediaType) === host.pushCompression);
}
