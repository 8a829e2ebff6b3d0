import { digestOf, isDigest, type Digest } from "../../../oci/digest.ts";
import { parseManifestDocument, type ManifestDocument } from "../manifest-document.ts";
import { movingBody } from "../moving-body.ts";
import { isTag } from "../names.ts";
import type { PullThrough } from "../proxy/pull-through.ts";
import { RegistryError } from "../registry-error.ts";
import { matchesETag } from "./blobs.ts";
import { repositoryAccess, type RouteContext } from "./context.ts";

const mostTags = 100;

/** `GET` and `HEAD /v2/<name>/manifests/<reference>` (distribution-spec, "Pulling manifests"). */
export async function getManifest(context: RouteContext): Promise<Response> {
  const { repository, request, manifests } = context;
  const account = await context.authorize([repositoryAccess(repository, "pull")]);
  const reference = checkedReference(context);
  await context.proxy?.manifest(repository, reference);
  const { digest, mediaType, bytes } = await manifests.get(repository, reference);
  const headers = { "docker-content-digest": digest, etag: `"${digest}"` };
  if (matchesETag(request, digest)) return new Response(null, { status: 304, headers });
  if (request.method === "HEAD") await manifests.refresh(repository, digest);
  else context.tell({ action: "pull", account, mediaType, size: bytes.length, ...named(context, digest) });
  const whole = { ...headers, "content-type": mediaType, "content-length": String(bytes.length) };
  return new Response(request.method === "HEAD" ? null : new Uint8Array(bytes), { headers: whole });
}

/** `PUT /v2/<name>/manifests/<reference>` (distribution-spec, "Pushing Manifests"). */
export async function putManifest(context: RouteContext): Promise<Response> {
  const { repository, request, manifests } = context;
  const account = await context.authorize([repositoryAccess(repository, "push", "pull")]);
  const reference = checkedReference(context);
  const tags = checkedTags(context);
  const mediaType = checkedMediaType(request);
  const bytes = await limitedBody(context);
  if (context.proxy?.covers(repository) === true)
    await fetchMissing(context.proxy, repository, parseManifestDocument(bytes, mediaType));
  const all = isDigest(reference) ? tags : [reference];
  const wanted = isDigest(reference) ? reference : digestOf(bytes);
  // Two pushes of one immutable tag come one after the other.
  using _lock = await context.rules.lock(repository);
  for (const tag of all) await context.rules.checkTag(repository, tag, wanted);
  await context.rules.checkRoom(repository, bytes.length);
  const isImmutable = (tag: string): boolean => context.rules.isImmutable(repository, tag);
  const options = { tags, isImmutable, sparse: context.rules.allowsSparse(repository) };
  const { digest, subject } = await manifests.put(repository, reference, mediaType, bytes, options);
  const size = bytes.length;
  context.tell({ action: "push", account, mediaType, size, ...named(context, digest) });
  return new Response(null, {
    status: 201,
    headers: {
      location: `/v2/${repository}/manifests/${digest}`,
      "docker-content-digest": digest,
      ...(subject && { "oci-subject": subject }),
      ...(tags.length > 0 && { "oci-tag": tags.join(", ") }),
    },
  });
}

/** What an event is about. */
function named({ repository, reference }: RouteContext, digest: Digest | undefined) {
  return { repository, digest, tag: isDigest(reference) ? undefined : reference };
}

/** What the push left out because the upstream has it. */
async function fetchMissing(
  proxy: PullThrough,
  repository: string,
  document: ManifestDocument,
): Promise<void> {
  for (const digest of document.blobs) await proxy.ensureBlob(repository, digest);
  for (const digest of document.manifests) await proxy.manifest(repository, digest);
}

/** `DELETE /v2/<name>/manifests/<reference>` (distribution-spec, "Deleting tags", "Deleting Manifests"). */
export async function deleteManifest(context: RouteContext): Promise<Response> {
  const { repository, manifests } = context;
  const account = await context.authorize([repositoryAccess(repository, "delete")]);
  const reference = checkedReference(context);
  await context.rules.checkDelete(repository, reference);
  await manifests.delete(repository, reference);
  context.tell({ action: "delete", account, ...named(context, isDigest(reference) ? reference : undefined) });
  return new Response(null, { status: 202 });
}

/** `?tag=` beside a digest: the tags to set with it, in one request. */
function checkedTags({ url, reference }: RouteContext): string[] {
  const tags = isDigest(reference) ? url.searchParams.getAll("tag") : [];
  const wrong = tags.find((tag) => !isTag(tag));
  if (wrong !== undefined) throw invalidTag(wrong);
  if (tags.length > mostTags)
    throw new RegistryError("UNSUPPORTED", { status: 414, message: `more than ${mostTags} tags at once` });
  return tags;
}

function checkedReference({ reference }: RouteContext): string {
  if (isDigest(reference) || isTag(reference)) return reference;
  if (reference.includes(":"))
    throw new RegistryError("DIGEST_INVALID", { message: "invalid digest", detail: { digest: reference } });
  throw invalidTag(reference);
}

function invalidTag(tag: string): RegistryError {
  return new RegistryError("MANIFEST_INVALID", { message: "invalid tag", detail: { tag } });
}

/** Without a type the content cannot be understood (distribution-spec: clients must send it). */
function checkedMediaType(request: Request): string {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
  if (/^[a-zA-Z0-9!#$&^_.+-]{1,127}\/[a-zA-Z0-9!#$&^_.+-]{1,127}$/.test(type)) return type;
  throw new RegistryError("MANIFEST_INVALID", {
    message: `manifest invalid: Content-Type ${JSON.stringify(type)}`,
  });
}

async function limitedBody({ request, stallMs, maxManifestBytes: max }: RouteContext): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of movingBody(request, stallMs)) {
    size += chunk.length;
    if (size > max) throw tooLarge(max);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(max: number): RegistryError {
  return new RegistryError("MANIFEST_INVALID", {
    status: 413,
    message: `manifest invalid: larger than ${max} bytes`,
  });
}
