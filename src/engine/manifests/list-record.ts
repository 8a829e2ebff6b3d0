import { isKnownPlatform } from "../../oci/platform.ts";
import { SlipwayError } from "../../errors.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import type { ManifestList, ManifestListEntry, ManifestPlatform } from "../types/manifest-list.ts";

/** A manifest list as it is kept. */
export type ListRecord = Omit<ManifestList, "Raw">;

/** `entries` with `added`; one of the same name is replaced. Pure. */
export function withEntries(
  entries: readonly ManifestListEntry[],
  added: readonly ManifestListEntry[],
): ManifestListEntry[] {
  const byRef = new Map(entries.map((entry) => [entry.Ref, entry]));
  for (const entry of added) byRef.set(entry.Ref, entry);
  return [...byRef.values()];
}

/** `before` with what `said` says; OS features are added. Throws `invalid_argument` for what no platform is. Pure. */
export function annotated(before: ManifestPlatform, said: Partial<ManifestPlatform>): ManifestPlatform {
  const features = [...new Set([...(before["os.features"] ?? []), ...(said["os.features"] ?? [])])];
  const platform = {
    ...before,
    ...definedFields(said),
    ...(features.length > 0 && { "os.features": features }),
  };
  if (isKnownPlatform(platform)) return platform;
  const what = `manifest entry for image has unsupported os/arch combination: ${platform.os}/${platform.architecture}`;
  throw new SlipwayError("invalid_argument", what);
}

function definedFields(said: Partial<ManifestPlatform>): Partial<ManifestPlatform> {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined && value !== ""));
}

/**
 * The index of a list (image-spec, image-index.md), in the bytes that Docker would write: Docker's manifest list when
 * every manifest is Docker's. Pure.
 */
export function listIndex(entries: readonly ManifestListEntry[]): { mediaType: string; bytes: Uint8Array } {
  const isDocker = entries.every(({ Descriptor }) => Descriptor.mediaType === mediaTypes.dockerManifest);
  const mediaType = isDocker ? mediaTypes.dockerManifestList : mediaTypes.ociIndex;
  const manifests = entries.map(({ Descriptor: { mediaType: type, size, digest, platform } }) => ({
    mediaType: type,
    size,
    digest,
    platform: inOrder(platform),
  }));
  const text = JSON.stringify({ schemaVersion: 2, mediaType, manifests }, undefined, 3);
  return { mediaType, bytes: Buffer.from(text) };
}

function inOrder(platform: ManifestPlatform): ManifestPlatform {
  const { architecture, os, ...others } = platform;
  return { architecture, os, ...others };
}
