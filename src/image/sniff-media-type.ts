import { mediaTypes } from "../oci/media-types.ts";

/**
 * The media type of a manifest or index whose descriptor is not at hand: what the document says of itself, or what its
 * fields make it (image-spec allows the field to be missing). Undefined for anything else.
 */
export function sniffMediaType(bytes: Uint8Array): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
  if (typeof document !== "object" || document === null) return undefined;
  const fields = document as Record<string, unknown>;
  const known = [
    mediaTypes.ociManifest,
    mediaTypes.ociIndex,
    mediaTypes.dockerManifest,
    mediaTypes.dockerManifestList,
  ];
  const said = known.find((mediaType) => mediaType === fields.mediaType);
  if (said !== undefined) return said;
  if (Array.isArray(fields.manifests)) return mediaTypes.ociIndex;
  return Array.isArray(fields.layers) && fields.config !== undefined ? mediaTypes.ociManifest : undefined;
}
