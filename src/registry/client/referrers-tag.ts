import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { firstIndex } from "./listing.ts";
import type { Send } from "./manifests.ts";
import { ResponseError } from "./response-error.ts";

/**
 * The tag under which registries without the referrers API keep what refers to `subject`, of any length of digest
 * (distribution-spec, "Referrers Tag Schema").
 */
export function referrersTag(subject: Digest): string {
  const [algorithm = "", encoded = ""] = subject.split(":");
  return `${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}`.replaceAll(/[^A-Za-z0-9._-]/g, "-");
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
  await putIndex(send, path, [...known, entryOf(manifest, readJson(bytes))]);
}

/**
 * Takes a deleted manifest from its subject's referrers tag, where the registry has no referrers API
 * (distribution-spec, "Deleting Manifests"). Nothing happens when it is not listed there.
 */
export async function removeFromReferrersTag(
  send: Send,
  repository: string,
  manifest: Digest,
  subject: Digest,
): Promise<void> {
  if (await hasReferrersApi(send, repository, subject)) return;
  const path = `${repository}/manifests/${referrersTag(subject)}`;
  const known = await firstIndex(send, [path]);
  const left = known.filter(({ digest }) => digest !== manifest);
  if (left.length < known.length) await putIndex(send, path, left);
}

async function hasReferrersApi(send: Send, repository: string, subject: Digest): Promise<boolean> {
  try {
    using _answer = await send({ method: "GET", path: `${repository}/referrers/${subject}` });
    return true;
  } catch (error) {
    if (error instanceof ResponseError && (error.status === 404 || error.status === 405)) return false;
    throw error;
  }
}

async function putIndex(send: Send, path: string, manifests: readonly Descriptor[]): Promise<void> {
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
