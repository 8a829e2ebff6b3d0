import { SlipwayError } from "../../errors.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import type { BlobReader } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { digestOf, isDigest, splitDigest, type Digest } from "../../oci/digest.ts";
import { isIndexType, isManifestType, mediaTypes } from "../../oci/media-types.ts";
import type { Exchange } from "./http-client.ts";
import { ResponseError } from "./response-error.ts";
import type { RegistryRequest } from "./transport.ts";
import { verifiedBytes } from "./verified-bytes.ts";

/** A request of which repository, endpoint and rights are settled. */
export type Send = (request: Omit<RegistryRequest, "scopes" | "signal">) => Promise<Exchange>;

/** The least a registry must take is also the most we read. */
export const maxManifestBytes = 4 << 20;

const accepted = [
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  mediaTypes.dockerManifest,
  mediaTypes.dockerManifestList,
  "*/*",
].join(", ");

/** Where a registry keeps what `desc` names. */
export function contentKind({ mediaType }: Descriptor): "manifests" | "blobs" {
  return isManifestType(mediaType) || isIndexType(mediaType) ? "manifests" : "blobs";
}

/** The path below a repository of what `desc` names, and the headers to ask for it with. */
export function contentRequest(
  repository: string,
  desc: Descriptor,
): Pick<RegistryRequest, "path" | "headers"> {
  const kind = contentKind(desc);
  const headers = kind === "manifests" ? { accept: `${desc.mediaType}, */*` } : {};
  return { path: `${repository}/${kind}/${desc.digest}`, headers };
}

/**
 * The descriptor of the manifest `ref` names, by HEAD; by GET from registries that do not say enough in headers.
 * Throws `data_loss` when the registry answers another digest than was asked for.
 */
export async function headManifest(send: Send, repository: string, ref: string): Promise<Descriptor> {
  const path = `${repository}/manifests/${ref}`;
  const descriptor = await tryHead(send, path);
  const found = descriptor ?? (await getDescriptor(send, path, ref));
  if (isDigest(ref) && found.digest !== ref)
    throw new SlipwayError("data_loss", `Manifest "${ref}" was answered with "${found.digest}"`);
  return found;
}

/** The manifest's bytes, verified. */
export async function fetchManifest(send: Send, repository: string, desc: Descriptor): Promise<Uint8Array> {
  const exchange = await send({ method: "GET", ...contentRequest(repository, desc) });
  using open = exchange;
  return await verifiedBytes(desc, open.body(), maxManifestBytes);
}

/** Verified bytes as a blob reader. */
export function bytesReader(bytes: Uint8Array, offset: number): BlobReader {
  return {
    size: bytes.length,
    async *[Symbol.asyncIterator]() {
      if (offset < bytes.length) yield bytes.subarray(offset);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function tryHead(send: Send, path: string): Promise<Descriptor | undefined> {
  try {
    using answer = await send({ method: "HEAD", path, headers: { accept: accepted } });
    const { headers } = answer.response;
    const digest = headers.get("docker-content-digest") ?? "";
    const size = headers.get("content-length") ?? "";
    const mediaType = mediaTypeOf(answer.response);
    if (!isDigest(digest) || !/^\d{1,10}$/.test(size) || mediaType === undefined) return undefined;
    return { mediaType, digest, size: Number(size) };
  } catch (error) {
    if (error instanceof ResponseError && error.status === 405) return undefined;
    throw await withBody(error, send, path);
  }
}

/** A HEAD's refusal has no body: the GET says in words why. */
async function withBody(error: unknown, send: Send, path: string): Promise<unknown> {
  if (!(error instanceof ResponseError) || error.status === 429) return error;
  try {
    using _answer = await send({ method: "GET", path, headers: { accept: accepted } });
    return error;
  } catch (told) {
    return told;
  }
}

async function getDescriptor(send: Send, path: string, ref: string): Promise<Descriptor> {
  using answer = await send({ method: "GET", path, headers: { accept: accepted } });
  const bytes = await limited(answer.body());
  const algorithm = isDigest(ref) ? splitDigest(ref).algorithm : "sha256";
  const digest: Digest = digestOf(bytes, algorithm);
  return { mediaType: mediaTypeOf(answer.response) ?? mediaTypes.ociManifest, digest, size: bytes.length };
}

async function limited(body: ByteStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxManifestBytes)
      throw new SlipwayError("data_loss", `Manifest is larger than ${maxManifestBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function mediaTypeOf(response: Response): string | undefined {
  const type = response.headers.get("content-type")?.split(";")[0]?.trim();
  return type === undefined || type === "" ? undefined : type;
}
