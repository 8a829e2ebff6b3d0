/**
 * An HTTP server with a fetch-style handler over `Bun.serve`: TCP, TLS or a unix socket, request bodies streamed
 * with backpressure. On Node, `node:http` with the web streams of `node:stream` stands in.
 */
import { rm } from "node:fs/promises";
import { SlipwayError, errorMessage } from "../errors.ts";
import { socketHandlers, type SocketData, type SocketOpener } from "./server-socket.ts";

/** Where to listen. Port 0 takes a free one. A stale socket file at `unix` is replaced. */
export type ListenAddress = { readonly host: string; readonly port: number } | { readonly unix: string };

export interface HttpServerOptions {
  readonly listen: ListenAddress;
  /** Answers a request. A throw becomes an empty 500 and goes to `onError`. */
  handler(request: Request, peer: { readonly address: string | undefined }): Promise<Response> | Response;
  /** PEM text; with `clientCa` only clients whose certificate it signed are let in. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
  /** Bodies longer than this are refused with 413. Default: no limit. */
  readonly maxBodyBytes?: number;
  onError?(error: unknown): void;
  /** Decides on a request for a web socket: what serves it, or the answer that refuses it. Default: all are requests. */
  socket?(request: Request): Promise<SocketOpener | Response> | SocketOpener | Response;
  /** Several servers may listen on the port side by side (SO_REUSEPORT), as one does that takes over from another. */
  readonly sharePort?: boolean;
}

/** Dispose stops at once; {@link stop} lets running requests finish first. Both are idempotent. */
export interface HttpServer extends AsyncDisposable {
  /** The real port; undefined on a unix socket. */
  readonly port: number | undefined;
  /** `http://127.0.0.1:5000`, or `unix:///path`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** How often connections without a request are closed. One that is just about to be used again is among them. */
const idleSweepMs = 900_000;

/**
 * Starts to listen. A request's head must come within twelve seconds; nothing else is timed: Bun's own idle timeout also
 * cuts uploads and downloads that move all the while. So the handler watches over bodies that stop. Throws `unavailable` when the address cannot be taken, naming it.
 */
export async function serveHttp(options: HttpServerOptions): Promise<HttpServer> {
  const { listen } = options;
  if ("unix" in listen) await rm(listen.unix, { force: true });
  const server = start(options);
  const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs);
  sweep.unref();
  let stopping: Promise<void> | undefined;
  const close = async (force: boolean): Promise<void> => {
    clearInterval(sweep);
    await server.stop(force);
    if ("unix" in listen) await rm(listen.unix, { force: true });
  };
  return {
    port: server.port,
    url: "unix" in listen ? `unix://${listen.unix}` : server.url.origin,
    stop: () => (stopping ??= close(false)),
    [Symbol.asyncDispose]: () => close(true),
  };
}

function start(options: HttpServerOptions): Bun.Server<SocketData> {
  const { listen, tls } = options;
  const shared = {
    maxRequestBodySize: options.maxBodyBytes ?? Number.MAX_SAFE_INTEGER,
    fetch: (request: Request, server: Bun.Server<SocketData>) => answer(options, request, server),
    websocket: socketHandlers,
    error: (error: unknown) => {
      options.onError?.(error);
      return new Response(null, { status: 500 });
    },
    ...(tls && { tls: tlsOptions(tls) }),
  };
  try {
    return "unix" in listen
      ? Bun.serve({ ...shared, unix: listen.unix })
      : Bun.serve({
          ...shared,
          hostname: listen.host,
          port: listen.port,
          reusePort: options.sharePort ?? false,
          idleTimeout: 0,
        });
  } catch (error) {
    const where = "unix" in listen ? listen.unix : `${listen.host}:${listen.port}`;
    throw new SlipwayError("unavailable", `Cannot listen on "${where}": ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

async function answer(
  options: HttpServerOptions,
  request: Request,
  server: Bun.Server<SocketData>,
): Promise<Response | undefined> {
  const wantsSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  if (!wantsSocket || options.socket === undefined)
    return await options.handler(request, { address: server.requestIP(request)?.address });
  const open = await options.socket(request);
  if (open instanceof Response) return open;
  if (server.upgrade(request, { data: { open } })) return undefined;
  return new Response(null, { status: 400 });
}

function tlsOptions(tls: NonNullable<HttpServerOptions["tls"]>): Bun.TLSOptions {
  const { cert, key, clientCa } = tls;
  if (clientCa === undefined) return { cert, key };
  return { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true };
}
