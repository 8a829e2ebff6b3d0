import type { Descriptor } from "./descriptor.ts";
import { JsonReader } from "./json-shape.ts";
import type { Index, Manifest } from "./manifest.ts";
import { isIndexType, isManifestType } from "./media-types.ts";
import { mediaTypePattern, readAnnotations, readDescriptor } from "./parse-descriptor.ts";

/** The most a registry must accept of a manifest (distribution-spec, "Pushing Manifests"), in bytes. */
export const maxManifestSize = 4 * 1024 * 1024;

/**
 * Reads an untrusted image manifest (image-spec, manifest.md; Docker's schema 2). The bytes stay the truth: keep
 * them, and never write the result back. Throws `invalid_argument`, also for a document that could be taken for an
 * index as well. Members the spec does not know are left out.
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  const json = JsonReader.parse(bytes, "image manifest", maxManifestSize);
  refuse(json, "manifests");
  return {
    ...readHeader(json, isManifestType),
    config: readDescriptor(json.member("config")),
    layers: json.member("layers").list(readDescriptor),
    ...readTrailer(json),
  };
}

/** Reads an untrusted index (image-spec, image-index.md; Docker's manifest list). As {@link parseManifest}. */
export function parseIndex(bytes: Uint8Array): Index {
  const json = JsonReader.parse(bytes, "image index", maxManifestSize);
  refuse(json, "layers");
  refuse(json, "config");
  return {
    ...readHeader(json, isIndexType),
    manifests: json.member("manifests").list(readDescriptor),
    ...readTrailer(json),
  };
}

/**
 * What a blob points at, to be fetched or kept with it: the manifests of an index; config and layers of a manifest,
 * config first; nothing for all else. `bytes` are the blob `desc` names. Throws `invalid_argument`.
 */
export function children(desc: Pick<Descriptor, "mediaType">, bytes: Uint8Array): readonly Descriptor[] {
  if (isIndexType(desc.mediaType)) return parseIndex(bytes).manifests;
  if (!isManifestType(desc.mediaType)) return [];
  const { config, layers } = parseManifest(bytes);
  return [config, ...layers];
}

function readHeader(
  json: JsonReader,
  fits: (mediaType: string) => boolean,
): { schemaVersion: 2; mediaType?: string } {
  if (json.member("schemaVersion").integer() !== 2) json.member("schemaVersion").fail("must be 2");
  return { schemaVersion: 2, ...json.optional("mediaType", (item) => readType(item, fits)) };
}

function readType(json: JsonReader, fits: (mediaType: string) => boolean): string {
  const mediaType = json.string();
  if (!fits(mediaType)) json.fail(`"${mediaType.slice(0, 200)}" does not fit the document`);
  return mediaType;
}

function readTrailer(json: JsonReader): Pick<Manifest, "artifactType" | "subject" | "annotations"> {
  return {
    ...json.optional("artifactType", (item) => item.string(mediaTypePattern)),
    ...json.optional("subject", readDescriptor),
    ...json.optional("annotations", readAnnotations),
  };
}

/** A blob that is manifest and index at once could be checked as one and used as the other. */
function refuse(json: JsonReader, member: string): void {
  if (!json.member(member).absent) json.member(member).fail("does not belong here");
}
