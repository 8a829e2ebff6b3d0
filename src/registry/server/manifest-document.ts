import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";
import { isForeignLayerType, isIndexType, isManifestType, mediaTypes } from "../../oci/media-types.ts";
import { RegistryError } from "./registry-error.ts";

/** What the registry needs to know of a manifest's JSON. */
export interface ManifestDocument {
  /** Blobs the manifest cannot do without. */
  readonly blobs: readonly Digest[];
  /** Manifests an index lists. */
  readonly manifests: readonly Digest[];
  readonly subject: Digest | undefined;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads a manifest of a known media type, or any other JSON object as an opaque one. Throws `MANIFEST_INVALID`. */
export function parseManifestDocument(bytes: Uint8Array, mediaType: string): ManifestDocument {
  const json = parseJson(bytes);
  const declared = json.mediaType;
  if (declared !== undefined && declared !== "" && declared !== mediaType)
    throw invalid(
      `media type ${JSON.stringify(declared)} is not the Content-Type ${JSON.stringify(mediaType)}`,
    );
  const config = json.config === undefined ? undefined : descriptor(json.config, "config");
  return {
    blobs: isManifestType(mediaType) ? manifestBlobs(json) : [],
    manifests: isIndexType(mediaType) ? descriptors(json.manifests, "manifests").map((d) => d.digest) : [],
    subject: json.subject == null ? undefined : descriptor(json.subject, "subject").digest,
    artifactType: nonEmpty(json.artifactType) ?? (isIndexType(mediaType) ? undefined : config?.mediaType),
    annotations: annotations(json.annotations),
  };
}

function parseJson(bytes: Uint8Array): Json {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalid("not JSON");
  }
  if (!isObject(json)) throw invalid("not a JSON object");
  return json;
}

function manifestBlobs(json: Json): Digest[] {
  const layers = descriptors(json.layers, "layers").filter((layer) => !isForeignLayerType(layer.mediaType));
  return [descriptor(json.config, "config"), ...layers].map((blob) => blob.digest);
}

/** Clients in Go write an empty list as `null`. */
function descriptors(value: unknown, where: string): Descriptor[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw invalid(`"${where}" is not a list`);
  return value.map((item, index) => descriptor(item, `${where}[${index}]`));
}

function descriptor(value: unknown, where: string): Descriptor {
  if (!isObject(value)) throw invalid(`"${where}" is not a descriptor`);
  const { mediaType, digest, size } = value;
  if (typeof digest !== "string" || !isDigest(digest)) throw invalid(`"${where}" has no valid digest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw invalid(`"${where}" has no valid size`);
  return { mediaType: typeof mediaType === "string" ? mediaType : mediaTypes.ociEmpty, digest, size };
}

function annotations(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function invalid(why: string): RegistryError {
  return new RegistryError("MANIFEST_INVALID", { message: `manifest invalid: ${why}`, detail: why });
}
