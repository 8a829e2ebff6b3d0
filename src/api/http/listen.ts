import { chmod, chown, unlink } from "node:fs/promises";
import {
  connect,
  createServer,
  type AddressInfo,
  type ListenOptions,
  type Server,
  type Socket,
} from "node:net";
import { SlipwayError } from "../../errors.ts";
import { setBacklog } from "../../platform/listen-backlog.ts";
import { serveConnection } from "./connection.ts";
import type { HttpHandler } from "./message.ts";

/**
 * A unix socket at `path` (mode 0660 unless said otherwise, `group` by its number), a TCP address (port 0: a free one),
 * where `tls` admits only clients whose certificate `ca` signed, or a socket that listens already, by its descriptor.
 */
export type ListenAddress =
  | { readonly path: string; readonly mode?: number | undefined; readonly group?: number | undefined }
  | { readonly host: string; readonly port: number; readonly tls?: ServerTls | undefined }
  | { readonly fd: number };

/** PEM texts. */
export interface ServerTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A test suite may connect with all its workers at once. */
const backlog = 4096;
const keepAliveMs = 15_000;

export interface HttpServerOptions {
  readonly address: ListenAddress;
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
  const serve = (socket: Socket) => {
    // A client whose machine is gone says no more; streams have no other limit.
    if ("host" in address) socket.setKeepAlive(true, keepAliveMs);
    const served = serveConnection(socket, { handler, headTimeoutMs, signal: stopping.signal });
    running.add(served);
    void served.finally(() => running.delete(served));
  };
  const server = await createListener(address, serve);
  if ("path" in address) await listenUnix(server, address);
  else await listening(server, "fd" in address ? address : { host: address.host, port: address.port });
  const bound = server.address() as AddressInfo | string | null;
  return {
    port: typeof bound === "object" && bound !== null && "host" in address ? bound.port : 0,
    [Symbol.asyncDispose]: async () => {
      if (stopping.signal.aborted) return;
      stopping.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all(running);
      await closed;
    },
  };
}

async function createListener(address: ListenAddress, serve: (socket: Socket) => void): Promise<Server> {
  if (!("host" in address) || address.tls === undefined) return createServer({ allowHalfOpen: true }, serve);
  // Loaded by those who need it: the command line's start does without.
  const tls = await import("node:tls");
  const options = {
    ...address.tls,
    requestCert: true,
    rejectUnauthorized: true,
    allowHalfOpen: true,
    minVersion: "TLSv1.2",
  } as const;
  return tls.createServer(options, serve);
}

async function listenUnix(
  server: Server,
  { path, mode = 0o660, group }: Extract<ListenAddress, { path: string }>,
): Promise<void> {
  if (await answers(path))
    throw new SlipwayError("conflict", `Cannot listen on "${path}": another engine answers there`);
  await unlink(path).catch(() => undefined);
  // The socket file appears with no more than the final rights: between bind and chmod nobody else could connect.
  const before = process.umask(group === undefined ? 0o777 & ~mode : 0o177);
  try {
    await listening(server, { path });
  } finally {
    process.umask(before);
  }
  if (group !== undefined) await chown(path, process.getuid?.() ?? 0, group);
  await chmod(path, mode);
}

function listening(server: Server, where: ListenOptions & { fd?: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const name = where.path ?? (where.fd === undefined ? `${where.host}:${where.port}` : `fd ${where.fd}`);
      reject(new SlipwayError("unavailable", `Cannot listen on "${name}": ${cause.message}`, { cause }));
    });
    server.listen({ ...where, backlog }, () => {
      setBacklog(server, backlog);
      resolve();
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe: Socket = connect({ path });
    probe.once("connect", () => (probe.destroy(), resolve(true)));
    probe.once("error", () => (probe.destroy(), resolve(false)));
  });
}
