/**
 * HTTP to a unix socket or a TCP address, streaming both ways, without time limits. On Bun it is `fetch` with its
 * `unix` option, which costs nothing to load; on Node `node:http` stands in, loaded with the first request.
 */

type ByteStream = AsyncIterable<Uint8Array>;

export type WireAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

export interface WireRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | ByteStream | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Iterate once, or {@link WireResponse.cancel}: either frees the connection. */
  readonly body: ByteStream;
  cancel(): void;
}

/** Resolves with the head. Rejects with what the platform throws: a connection's `code`, an `AbortError`. */
export async function unixFetch(address: WireAddress, request: WireRequest): Promise<WireResponse> {
  return "Bun" in globalThis ? await bunFetch(address, request) : await nodeFetch(address, request);
}

async function bunFetch(address: WireAddress, request: WireRequest): Promise<WireResponse> {
  const { body, signal } = request;
  const options = {
    method: request.method,
    headers: { ...request.headers },
    redirect: "manual",
    decompress: false,
    timeout: false,
    ...(body !== undefined && { body, duplex: "half" }),
    ...(signal !== undefined && { signal }),
    ...("socketPath" in address && { unix: address.socketPath }),
  };
  const response = await fetch(`${origin(address)}${request.path}`, options as unknown as RequestInit);
  return {
    status: response.status,
    headers: response.headers,
    body: (response.body ?? noBytes()) as unknown as ByteStream,
    cancel: () => void response.body?.cancel().catch(() => {}),
  };
}

function origin(address: WireAddress): string {
  if ("socketPath" in address) return "http://engine";
  return `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

async function nodeFetch(address: WireAddress, request: WireRequest): Promise<WireResponse> {
  const [http, { Readable, pipeline }] = await Promise.all([import("node:http"), import("node:stream")]);
  const { method, path, headers = {}, body, signal } = request;
  return await new Promise((resolve, reject) => {
    const client = http.request(
      {
        ...address,
        method,
        path,
        agent: false,
        headers: { Host: "engine", ...headers },
        ...(signal && { signal }),
      },
      (answer) => {
        resolve({
          status: answer.statusCode ?? 0,
          headers: { get: (name) => answer.headers[name.toLowerCase()]?.toString() ?? null },
          body: answer,
          cancel: () => void answer.destroy(),
        });
      },
    );
    client.on("error", reject);
    if (body === undefined || typeof body === "string") client.end(body);
    // An answer may come before the body was taken whole: what is left of it is then of no interest.
    else pipeline(Readable.from(body, { objectMode: false }), client, () => {});
  });
}
