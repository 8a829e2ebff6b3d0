/**
 * HTTP to a unix socket or a TCP address, streaming both ways, without time limits. On Bun it is `fetch` with its
 * `unix` option, which costs nothing to load; on Node `node:http` stands in, loaded with the first request.
 */

type ByteStream = AsyncIterable<Uint8Array>;

export type WireAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly tls?: WireTls | undefined };

/** PEM texts: who may have signed the server's certificate (default: the usual authorities), and the client's own. */
export interface WireTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** False takes any certificate. */
  readonly verify?: boolean | undefined;
}

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
    ...("socketPath" in address
      ? { unix: address.socketPath }
      : address.tls && { tls: tlsOptions(address.tls) }),
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
  const scheme = address.tls === undefined ? "http" : "https";
  return `${scheme}://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

/** As Node's `tls` and Bun's `fetch` take them. */
export function tlsOptions({ ca, cert, key, verify }: WireTls): {
  ca?: string;
  cert?: string;
  key?: string;
  rejectUnauthorized: boolean;
} {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: verify !== false,
  };
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

async function nodeFetch(address: WireAddress, request: WireRequest): Promise<WireResponse> {
  const tls = "socketPath" in address ? undefined : address.tls;
  const [http, { Readable, pipeline }] = await Promise.all([
    tls === undefined ? import("node:http") : import("node:https"),
    import("node:stream"),
  ]);
  const { method, path, headers = {}, body, signal } = request;
  return await new Promise((resolve, reject) => {
    const client = http.request(
      {
        ...("socketPath" in address ? address : { host: address.host, port: address.port }),
        ...(tls && tlsOptions(tls)),
        method,
        path,
        agent: false,
        headers: { ...(tls === undefined && { Host: "engine" }), ...headers },
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
