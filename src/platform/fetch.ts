/**
 * fetch with what only the platform offers: a CA bundle, TLS verification, proxies, request bodies that stream with
 * backpressure, and bodies left as they are on the wire. On Node, `undici` with its Agent stands in.
 *
 * Bun also takes HTTP_PROXY, HTTPS_PROXY and NO_PROXY from its environment when no `proxy` is given.
 */

type ByteStream = AsyncIterable<Uint8Array>;

export interface HttpRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly body?: Uint8Array | string | ByteStream | undefined;
  readonly signal?: AbortSignal | undefined;
  /** PEM text of all authorities to trust instead of the built-in ones. */
  readonly ca?: string | undefined;
  /** False takes any certificate. */
  readonly verifyTls?: boolean | undefined;
  /** URL of an HTTP proxy, with user and password where it wants them. */
  readonly proxy?: string | undefined;
}

/** One exchange: no redirect is followed, no body is decompressed, nothing times out by itself. */
export async function httpFetch(url: URL, request: HttpRequest): Promise<Response> {
  const { body, ca, proxy, verifyTls, signal } = request;
  const tls = { ...(ca !== undefined && { ca }), ...(verifyTls === false && { rejectUnauthorized: false }) };
  const options: BunFetchRequestInit & { decompress: boolean; timeout: boolean; duplex: "half" } = {
    method: request.method,
    headers: request.headers,
    redirect: "manual",
    decompress: false,
    timeout: false,
    duplex: "half",
    ...(body !== undefined && { body: requestBody(body) }),
    ...(signal && { signal }),
    ...(Object.keys(tls).length > 0 && { tls }),
    ...(proxy !== undefined && { proxy }),
  };
  return await fetch(url, options);
}

function requestBody(
  body: Uint8Array | string | ByteStream,
): Uint8Array<ArrayBuffer> | string | ReadableStream {
  if (typeof body === "string") return body;
  return body instanceof Uint8Array ? Uint8Array.from(body) : pulled(body);
}

/** Reads `content` only as fast as the socket takes it. */
function pulled(content: ByteStream): ReadableStream<Uint8Array> {
  const iterator = content[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
