import { SlipwayError } from "../../errors.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { exchangeText } from "./http-client.ts";
import type { Send } from "./manifests.ts";
import { ResponseError } from "./response-error.ts";

const largestPage = 16 << 20;
const mostPages = 10_000;

/** All names under `key` of a paged listing (distribution-spec, "Listing Tags"), following `Link`. */
export async function listAll(send: Send, path: string, key: "tags" | "repositories"): Promise<string[]> {
  const found: string[] = [];
  let next: string | URL | undefined = path;
  for (let page = 0; next !== undefined && page < mostPages; page += 1) {
    const { json, link } = await readPage(send, next);
    const names = json[key];
    if (!Array.isArray(names) && names != null)
      throw new SlipwayError("unavailable", `Unreadable listing of ${key}`);
    for (const name of names ?? []) if (typeof name === "string") found.push(name);
    next = link;
  }
  return found;
}

/** The descriptors of the first index among `paths` that is there; none when there is none. */
export async function firstIndex(send: Send, paths: readonly string[]): Promise<Descriptor[]> {
  for (const path of paths) {
    try {
      return await readIndex(send, path);
    } catch (error) {
      if (!(error instanceof ResponseError) || (error.status !== 404 && error.status !== 405)) throw error;
    }
  }
  return [];
}

async function readIndex(send: Send, path: string): Promise<Descriptor[]> {
  const found: Descriptor[] = [];
  let next: string | URL | undefined = path;
  for (let page = 0; next !== undefined && page < mostPages; page += 1) {
    const { json, link } = await readPage(send, next);
    for (const item of Array.isArray(json.manifests) ? json.manifests : [])
      if (isDescriptor(item)) found.push(item);
    next = link;
  }
  return found;
}

async function readPage(
  send: Send,
  path: string | URL,
): Promise<{ json: Record<string, unknown>; link: URL | undefined }> {
  const exchange = await send({
    method: "GET",
    path,
    headers: { accept: `application/json, ${mediaTypes.ociIndex}` },
  });
  const link = nextLink(exchange.response.headers.get("link"), exchange.url);
  const text = await exchangeText(exchange, largestPage);
  try {
    return { json: (JSON.parse(text) ?? {}) as Record<string, unknown>, link };
  } catch (error) {
    throw new SlipwayError("unavailable", `${exchange.url.host} answered with something other than JSON`, {
      cause: error,
    });
  }
}

/** RFC 8288. Another host is not followed: the listing is the registry's own. */
function nextLink(header: string | null, base: URL): URL | undefined {
  const target = /<([^>]{1,4096})>\s*;[^,]*rel="?next"?/i.exec(header ?? "")?.[1];
  if (target === undefined || !URL.canParse(target, base.href)) return undefined;
  const url = new URL(target, base);
  return url.origin === base.origin ? url : undefined;
}

function isDescriptor(value: unknown): value is Descriptor {
  const { mediaType, digest, size } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof mediaType === "string" &&
    typeof digest === "string" &&
    isDigest(digest) &&
    typeof size === "number"
  );
}
