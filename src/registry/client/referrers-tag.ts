import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { firstIndex } from "./listing.ts";
import type { Send } from "./manifests.ts";

/** The tag under which registries without the referrers API keep what refers to `subject`. */
export function referrersTag(subject: Digest): string {
  return subject.replace(":", "-").slice(0, 128);
}

/** The subject a manifest refers to; undefined for none, or what is no manifest. */
export function subjectOf(bytes: Uint8Array): Digest | undefined {
  const { digest } = (readJson(bytes).subject ?? {}) as { digest?: unknown };
  return typeof digest === "string" && isDigest(digest) ? digest : undefined;
}

/**
 * Adds a manifest to the index under its subject's referrers tag: what a client must do when the registry's answer to
 * the push had no `OCI-Subject` (distribution-spec, "Pushing Manifests with Subject"). Two clients at once may lose
 * one entry, as the spec warns.
 */
export async function addToReferrersTag(
  send: Send,
  repository: string,
  manifest: Descriptor,
  bytes: Uint8Array,
): Promise<void> {
  const subject = subjectOf(bytes);
  if (subject === undefined) return;
  const path = `${repository}/manifests/${referrersTag(subject)}`;
  const known = await firstIndex(send, [path]);
  if (known.some(({ digest }) => digest === manifest.digest)) return;
  const manifests = [...known, entryOf(manifest, readJson(bytes))];
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }));
  using _answer = await send({
    method: "PUT",
    path,
    headers: { "content-type": mediaTypes.ociIndex },
    body,
    accept: [200, 201],
  });
}

function entryOf(
  { mediaType, digest, size }: Descriptor,
  json: Readonly<Record<string, unknown>>,
): Descriptor {
  const { config, artifactType, annotations } = json as {
    config?: { mediaType?: string };
    artifactType?: string;
    annotations?: Record<string, string>;
  };
  const type = artifactType || config?.mediaType;
  return {
    mediaType,
    digest,
    size,
    ...(type && { artifactType: type }),
    ...(annotations && { annotations }),
  };
}

function readJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(new TextDecoder().decode(bytes)) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
