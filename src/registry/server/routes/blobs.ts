import { isDigest, type Digest } from "../../../oci/digest.ts";
import { RegistryError } from "../registry-error.ts";
import { repositoryAccess, type RouteContext } from "./context.ts";

/** `GET` and `HEAD /v2/<name>/blobs/<digest>` (distribution-spec, "Pulling blobs"), with one range and ETags. */
export async function getBlob(context: RouteContext): Promise<Response> {
  const { repository, request, blobs } = context;
  await context.authorize([repositoryAccess(repository, "pull")]);
  const digest = blobDigest(context);
  const passed = await passThrough(context, digest);
  if (passed !== undefined) return passed;
  const size = await blobs.mustSize(repository, digest);
  // A HEAD is how a push asks whether it may leave the blob out.
  if (request.method === "HEAD") await blobs.refresh(repository, digest);
  const headers = blobHeaders(digest);
  if (matchesETag(request, digest)) return new Response(null, { status: 304, headers });
  const range = wantsRange(request, digest) ? parseRange(request.headers.get("range"), size) : undefined;
  if (range === "unsatisfiable") throw unsatisfiable(size);
  const { start, end } = range ?? { start: 0, end: size };
  if (range !== undefined) headers.set("content-range", `bytes ${start}-${end - 1}/${size}`);
  const status = range === undefined ? 200 : 206;
  if (request.method === "HEAD" || end === start) {
    headers.set("content-length", String(end - start));
    return new Response(null, { status, headers });
  }
  const location = blobs.location(digest);
  if (location !== undefined)
    return new Response(null, { status: 307, headers: { location, "docker-content-digest": digest } });
  headers.set("content-length", String(end - start));
  return new Response(await blobs.body(digest, start, end), { status, headers });
}

/** A blob that only the upstream has; undefined when the repository has it, or there is no upstream. */
async function passThrough(context: RouteContext, digest: Digest): Promise<Response | undefined> {
  const { repository, blobs, proxy, request } = context;
  if (proxy?.covers(repository) !== true) return undefined;
  if ((await blobs.size(repository, digest)) !== undefined) return undefined;
  const headers = blobHeaders(digest);
  if (request.method === "HEAD") {
    const size = await proxy.blobSize(repository, digest);
    if (size === undefined) return undefined;
    headers.set("content-length", String(size));
    return new Response(null, { headers });
  }
  if (request.headers.has("range")) {
    await proxy.ensureBlob(repository, digest);
    return undefined;
  }
  const found = await proxy.blob(repository, digest);
  if (found === undefined) return undefined;
  headers.set("content-length", String(found.size));
  return new Response(found.body, { headers });
}

/** `DELETE /v2/<name>/blobs/<digest>` (distribution-spec, "Deleting Blobs"). */
export async function deleteBlob(context: RouteContext): Promise<Response> {
  await context.authorize([repositoryAccess(context.repository, "delete")]);
  await context.blobs.unlink(context.repository, blobDigest(context));
  return new Response(null, { status: 202 });
}

/** Whether the client has this content already (RFC 9110, "If-None-Match"). */
export function matchesETag(request: Request, digest: Digest): boolean {
  const header = request.headers.get("if-none-match");
  if (header === null) return false;
  return header
    .split(",")
    .some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === `"${digest}"`);
}

/** Who asks for a range of other content than this gets the whole of this (RFC 9110, "If-Range"). */
function wantsRange(request: Request, digest: Digest): boolean {
  const wanted = request.headers.get("if-range");
  return wanted === null || wanted.trim() === `"${digest}"`;
}

/**
 * The bytes `[start, end)` a `Range` header asks for (RFC 9110, section 14). Undefined when the header is absent,
 * of another unit, malformed, or names several ranges: the whole is sent then, which the RFC allows.
 */
export function parseRange(
  header: string | null,
  size: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const match = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const first = match[1] === "" ? undefined : Number(match[1]);
  const last = match[2] === "" ? undefined : Number(match[2]);
  if (first === undefined) {
    const length = Math.min(last ?? 0, size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  if (first >= size || (last !== undefined && last < first)) return "unsatisfiable";
  return { start: first, end: Math.min(last ?? size - 1, size - 1) + 1 };
}

function blobHeaders(digest: Digest): Headers {
  return new Headers({
    "accept-ranges": "bytes",
    "cache-control": "max-age=31536000",
    // Bun names a file body's file otherwise.
    "content-disposition": "inline",
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    etag: `"${digest}"`,
  });
}

function unsatisfiable(size: number): RegistryError {
  const message = "requested range not satisfiable";
  return new RegistryError("SIZE_INVALID", {
    status: 416,
    message,
    headers: { "content-range": `bytes */${size}` },
  });
}

function blobDigest({ reference }: RouteContext): Digest {
  if (!isDigest(reference))
    throw new RegistryError("DIGEST_INVALID", { message: "invalid digest", detail: { digest: reference } });
  return reference;
}
