import { chmod, unlink } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type ListenOptions, type Socket } from "node:net";
import { SlipwayError } from "../../errors.ts";
import { serveConnection } from "./connection.ts";
import type { HttpHandler } from "./message.ts";

export interface HttpServerOptions {
  /** A unix socket at `path`, mode 0660 unless said otherwise, or a TCP address (port 0: a free one). */
  readonly address:
    | { readonly path: string; readonly mode?: number }
    | { readonly host: string; readonly port: number };
  readonly handler: HttpHandler;
  /** Default 10,000. */
  readonly headTimeoutMs?: number;
}

/** Dispose stops listening, aborts what runs and resolves when every connection is closed (idempotent). */
export interface HttpServer extends AsyncDisposable {
  /** The port of a TCP address, 0 for a unix socket. */
  readonly port: number;
}

/**
 * A small HTTP/1.1 server over `node:net`. It exists because Docker's hijacked streams need what servers hide: the
 * socket itself, without an `Upgrade` field too, each direction ended on its own. A socket file nobody answers on is
 * replaced; throws `conflict` when somebody does, `unavailable` when the address cannot be used.
 */
export async function listenHttp(options: HttpServerOptions): Promise<HttpServer> {
  const { address, handler, headTimeoutMs = 10_000 } = options;
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const served = serveConnection(socket, { handler, headTimeoutMs, signal: stopping.signal });
    running.add(served);
    void served.finally(() => running.delete(served));
  });
  if ("path" in address) await listenUnix(server, address.path, address.mode ?? 0o660);
  else await listening(server, { host: address.host, port: address.port });
  const bound = server.address() as AddressInfo | string | null;
  return {
    port: typeof bound === "object" && bound !== null && !("path" in address) ? bound.port : 0,
    [Symbol.asyncDispose]: async () => {
      if (stopping.signal.aborted) return;
      stopping.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all(running);
      await closed;
    },
  };
}

async function listenUnix(
  server: ReturnType<typeof createServer>,
  path: string,
  mode: number,
): Promise<void> {
  if (await answers(path))
    throw new SlipwayError("conflict", `Cannot listen on "${path}": another engine answers there`);
  await unlink(path).catch(() => undefined);
  // The socket file appears with the final mode: between bind and chmod nobody else could connect.
  const before = process.umask(0o777 & ~mode);
  try {
    await listening(server, { path });
  } finally {
    process.umask(before);
  }
  await chmod(path, mode);
}

function listening(server: ReturnType<typeof createServer>, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const name = where.path ?? `${where.host}:${where.port}`;
      reject(new SlipwayError("unavailable", `Cannot listen on "${name}": ${cause.message}`, { cause }));
    });
    server.listen({ ...where, backlog: 4096 }, () => resolve());
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe: Socket = connect({ path });
    probe.once("connect", () => (probe.destroy(), resolve(true)));
    probe.once("error", () => (probe.destroy(), resolve(false)));
  });
}
