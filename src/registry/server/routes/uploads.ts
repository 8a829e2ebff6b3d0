import type { ByteStream } from "../../../oci/call-options.ts";
import { isDigest, type Digest } from "../../../oci/digest.ts";
import { movingBody } from "../moving-body.ts";
import { isRepositoryName } from "../names.ts";
import { overQuota } from "../rules/repository-rules.ts";
import { RegistryError } from "../registry-error.ts";
import { uploadHeaders, type Chunk } from "../upload-store.ts";
import { repositoryAccess, type RouteContext } from "./context.ts";

/**
 * `POST /v2/<name>/blobs/uploads/` (distribution-spec, "Pushing blobs"): mounts with `mount`, stores the body at
 * once with `digest`, starts an upload otherwise.
 */
export async function startUpload(context: RouteContext): Promise<Response> {
  const { repository, uploads, url } = context;
  await context.authorize([repositoryAccess(repository, "push", "pull")]);
  const mounted = await tryMount(context);
  if (mounted !== undefined) return created(repository, mounted);
  const digest = url.searchParams.get("digest");
  if (digest !== null) {
    const wanted = parseUploadDigest(digest);
    const chunk = await withinQuota(context, requestChunk(context), 0);
    const id = await uploads.start(repository);
    await uploads.finish(repository, id, wanted, chunk);
    return created(repository, wanted);
  }
  const id = await uploads.start(repository);
  return new Response(null, { status: 202, headers: uploadHeaders(repository, id, 0) });
}

/** `GET` on an upload's location: how far it is. */
export async function uploadStatus(context: RouteContext): Promise<Response> {
  const { repository, reference, uploads } = context;
  await context.authorize([repositoryAccess(repository, "push", "pull")]);
  const size = await uploads.size(repository, reference);
  return new Response(null, { status: 204, headers: uploadHeaders(repository, reference, size) });
}

/** `PATCH`: one chunk with a `Content-Range`, or a stream of unknown length without. */
export async function appendUpload(context: RouteContext): Promise<Response> {
  const { repository, reference, uploads } = context;
  await context.authorize([repositoryAccess(repository, "push", "pull")]);
  const before = await uploads.size(repository, reference);
  const chunk = requestChunk(context, uploadHeaders(repository, reference, before));
  const size = await uploads.append(repository, reference, await withinQuota(context, chunk, before));
  return new Response(null, { status: 202, headers: uploadHeaders(repository, reference, size) });
}

/** `PUT` with `digest`: the last chunk if there is a body, then the blob is whole. */
export async function finishUpload(context: RouteContext): Promise<Response> {
  const { repository, reference, uploads, url } = context;
  await context.authorize([repositoryAccess(repository, "push", "pull")]);
  const digest = parseUploadDigest(url.searchParams.get("digest") ?? "");
  const before = await uploads.size(repository, reference);
  const chunk = requestChunk(context, uploadHeaders(repository, reference, before));
  await uploads.finish(repository, reference, digest, await withinQuota(context, chunk, before));
  return created(repository, digest);
}

/** `DELETE`: drops the upload. */
export async function cancelUpload(context: RouteContext): Promise<Response> {
  const { repository, reference, uploads } = context;
  await context.authorize([repositoryAccess(repository, "push", "pull")]);
  await uploads.cancel(repository, reference);
  return new Response(null, { status: 204 });
}

/** The same chunk; it fails with `DENIED` where it and the `before` bytes of the upload exceed the quota. */
async function withinQuota(context: RouteContext, chunk: Chunk, before: number): Promise<Chunk> {
  const { repository, rules } = context;
  const room = await rules.room(repository);
  if (room === undefined) return chunk;
  const left = room - before;
  if (left < (chunk.length ?? 0)) throw overQuota(repository);
  async function* limited(): ByteStream {
    let size = 0;
    for await (const bytes of chunk.content) {
      size += bytes.length;
      if (size > left) throw overQuota(repository);
      yield bytes;
    }
  }
  return { ...chunk, content: limited() };
}

/** The digest when the blob is there now; undefined to fall back to an upload. */
async function tryMount(context: RouteContext): Promise<Digest | undefined> {
  const { repository, blobs, url } = context;
  const digest = url.searchParams.get("mount");
  if (digest === null || !isDigest(digest)) return undefined;
  if ((await blobs.size(repository, digest)) !== undefined) return digest;
  const from = url.searchParams.get("from");
  await context.rules.checkRoom(repository, (await blobs.storedSize(digest)) ?? 0);
  if (from === null && context.open) return (await blobs.adopt(repository, digest)) ? digest : undefined;
  if (from === null || !isRepositoryName(from) || !(await mayPull(context, from))) return undefined;
  return (await blobs.mount(repository, digest, from)) ? digest : undefined;
}

/** Who may not read the source gets an upload, and learns nothing of what is there. */
async function mayPull(context: RouteContext, from: string): Promise<boolean> {
  try {
    await context.authorize([repositoryAccess(from, "pull")]);
    return true;
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
}

function created(repository: string, digest: Digest): Response {
  return new Response(null, {
    status: 201,
    headers: { location: `/v2/${repository}/blobs/${digest}`, "docker-content-digest": digest },
  });
}

function requestChunk({ request, stallMs }: RouteContext, headers: Record<string, string> = {}): Chunk {
  const length = request.headers.get("content-length");
  const content = movingBody(request, stallMs);
  const promised = length === null ? undefined : Number(length);
  const range = request.headers.get("content-range");
  if (range === null) return { content, length: promised };
  const match = /^(?:bytes )?(\d{1,15})-(\d{1,15})(?:\/[\d*]+)?$/.exec(range);
  const start = Number(match?.[1]);
  const size = Number(match?.[2]) - start + 1;
  if (match === null || size < 1)
    throw new RegistryError("BLOB_UPLOAD_INVALID", {
      status: 416,
      message: "invalid content range",
      detail: { range },
      headers,
    });
  if (promised !== undefined && promised !== size)
    throw new RegistryError("SIZE_INVALID", { detail: { range, length: promised } });
  return { content, start, length: size };
}

function parseUploadDigest(text: string): Digest {
  if (!isDigest(text))
    throw new RegistryError("DIGEST_INVALID", { message: "invalid digest", detail: { digest: text } });
  return text;
}
