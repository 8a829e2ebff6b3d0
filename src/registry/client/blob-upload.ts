import { errorCode, errorMessage, SlipwayError } from "../../errors.ts";
import { verified } from "../../content/verify.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { PushContentOptions } from "../../oci/target.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Exchange } from "./http-client.ts";
import { ResponseError } from "./response-error.ts";
import { pause, retryDelay, TransientError } from "./retry.ts";
import type { RegistryRequest, Transport } from "./transport.ts";

export interface BlobUploadOptions {
  readonly transport: Transport;
  readonly endpoint: Endpoint;
  /** `library/nginx` */
  readonly repository: string;
  readonly scopes: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Asks the registry to take a blob from `from`; false when it must be pushed (distribution-spec, "Mounting"). */
export async function mountBlob(
  options: BlobUploadOptions,
  descriptor: Descriptor,
  from: string,
): Promise<boolean> {
  const query = new URLSearchParams({ mount: descriptor.digest, from });
  const answer = await call(options, "POST", `v2/${options.repository}/blobs/uploads/?${query}`, {
    accept: [201, 202],
    headers: { "content-length": "0" },
  });
  using open = answer;
  if (open.response.status === 201) return true;
  await cancel(options, locationOf(open));
  return false;
}

/**
 * Sends a blob in one PUT. When the connection breaks, the registry is asked how far it came, and the upload goes on
 * there with content opened `again`. Throws `data_loss` when `content` is not what `descriptor` names: the upload is
 * cancelled then.
 */
export async function uploadBlob(
  options: BlobUploadOptions,
  descriptor: Descriptor,
  content: ByteStream,
  again: PushContentOptions["again"],
): Promise<void> {
  let body = verified(content, descriptor);
  let location = await startUpload(options);
  let offset = 0;
  for (let failures = 0, broken = false; ; broken = true) {
    try {
      if (broken && again !== undefined) {
        const progress = await resumePoint(options, location);
        if (progress.offset > offset) failures = 0;
        ({ location, offset } = progress);
        body = rest(descriptor, again, offset);
      }
      await finish(options, location, descriptor, body, offset);
      return;
    } catch (error) {
      failures += 1;
      const wait = again && delay(error, failures, options);
      if (wait === undefined) {
        await cancel(options, location);
        throw error;
      }
      await pause(wait, options.signal);
    } finally {
      await body.return(undefined);
    }
  }
}

/** What begins in the middle is verified by the registry alone. */
async function* rest(
  descriptor: Descriptor,
  again: NonNullable<PushContentOptions["again"]>,
  offset: number,
): AsyncGenerator<Uint8Array> {
  await using reader = await again(offset);
  yield* offset === 0 ? verified(reader, descriptor) : reader;
}

/**
 * A stale token or a lost chunk is as passing as a broken connection: what the registry has is asked for anew. So is a
 * refused one, since this registry answered before: it may be starting again.
 */
function delay(error: unknown, failures: number, options: BlobUploadOptions): number | undefined {
  const passing = error instanceof ResponseError && (error.status === 401 || error.status === 416);
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  const refused = cause?.code === "ECONNREFUSED";
  const seen = passing || refused ? new TransientError(errorMessage(error)) : error;
  return retryDelay(seen, failures, options.transport.retryConfig);
}

async function startUpload(options: BlobUploadOptions): Promise<URL> {
  const path = `v2/${options.repository}/blobs/uploads/`;
  using answer = await call(options, "POST", path, { accept: [202], headers: { "content-length": "0" } });
  return locationOf(answer);
}

async function finish(
  options: BlobUploadOptions,
  location: URL,
  { digest, size }: Descriptor,
  body: ByteStream,
  offset: number,
): Promise<void> {
  const url = new URL(location);
  url.searchParams.set("digest", digest);
  const range = offset > 0 && offset < size ? { "content-range": `${offset}-${size - 1}` } : {};
  using _answer = await call(options, "PUT", url, {
    accept: [201, 204],
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(size - offset),
      ...range,
    },
    body: offset === size ? "" : body,
  });
}

/** Where to go on: what the registry has of the upload, or a new upload when it has nothing. */
async function resumePoint(
  options: BlobUploadOptions,
  location: URL,
): Promise<{ location: URL; offset: number }> {
  using answer = await call(options, "GET", location, { accept: [200, 202, 204, 404] });
  const { headers, status } = answer.response;
  // `0-0` is what an empty upload says, and one of a single byte.
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(headers.get("range") ?? "")?.[1];
  if (status !== 404 && last !== undefined && Number(last) > 0)
    return { location: headers.has("location") ? locationOf(answer) : location, offset: Number(last) + 1 };
  if (status !== 404) await cancel(options, location);
  return { location: await startUpload(options), offset: 0 };
}

/** Leaves nothing behind at the registry; that it cannot be reached matters to nobody. */
async function cancel(options: BlobUploadOptions, location: URL): Promise<void> {
  const signal = AbortSignal.timeout(5000);
  try {
    using _answer = await call(
      { ...options, signal },
      "DELETE",
      location,
      { accept: [200, 202, 204, 404, 405] },
      1,
    );
  } catch (error) {
    if (errorCode(error) === "internal") throw error;
  }
}

async function call(
  options: BlobUploadOptions,
  method: RegistryRequest["method"],
  path: string | URL,
  rest: Pick<RegistryRequest, "accept" | "headers" | "body">,
  tries?: number,
): Promise<Exchange> {
  const { transport, endpoint, scopes, signal } = options;
  return await transport.send(endpoint, { method, path, scopes, signal, ...rest }, tries);
}

function locationOf({ response, url }: Exchange): URL {
  const location = response.headers.get("location") ?? "";
  const resolved = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  const plain = resolved?.protocol === "http:" && url.protocol === "http:";
  if (location === "" || resolved === undefined || (resolved.protocol !== "https:" && !plain))
    throw new SlipwayError("unavailable", `${url.host} answered without a usable upload location`);
  return resolved;
}
