import { mkdir } from "node:fs/promises";
import { SlipwayError } from "../../errors.ts";
import { serveHttp, type HttpServer, type HttpServerOptions } from "../../platform/http-server.ts";
import type { AccessController } from "./access.ts";
import { FilesystemDriver } from "./filesystem-driver.ts";
import { Front } from "./operate/front.ts";
import { purgeUploads } from "./purge.ts";
import { createRegistry, type RegistryOptions } from "./registry.ts";

export interface ServeRegistryOptions {
  /** `HOST:PORT`, `:PORT` for every address, `[::1]:PORT` for IPv6. Port 0 takes a free one. */
  readonly listen: string;
  /** Directory of the registry's data; made when it is missing. */
  readonly root: string;
  readonly access?: AccessController;
  /** Answers `/token`: where a `TokenAccess` with that realm sends clients. */
  readonly tokenIssuer?: (request: Request) => Promise<Response>;
  readonly tls?: HttpServerOptions["tls"];
  readonly onError?: RegistryOptions["onError"];
  /** Uploads that nobody has added to for so long are dropped at the start. Default: a week. */
  readonly uploadMaxAgeMs?: number;
}

/**
 * Serves a registry from `root` until `signal` aborts or the result is stopped: what an embedder or a test needs.
 * `runRegistry` is the whole of it, from a configuration. Throws `invalid_argument` for a malformed `listen`,
 * `unavailable` when the address is taken.
 */
export async function serveRegistry(
  options: ServeRegistryOptions,
  signal?: AbortSignal,
): Promise<HttpServer> {
  const { listen, root, access, tls, onError, tokenIssuer } = options;
  signal?.throwIfAborted();
  await mkdir(root, { recursive: true });
  const storage = new FilesystemDriver(root);
  const registry = createRegistry({ storage, ...(access && { access }), ...(onError && { onError }) });
  const front = new Front({ registry, tokenIssuer });
  const server = await serveHttp({
    listen: parseListen(listen),
    handler: (request, peer) => front.handle(request, peer),
    ...(tls && { tls }),
  });
  const age = options.uploadMaxAgeMs ?? 7 * 86_400_000;
  void purgeUploads(storage, new Date(Date.now() - age)).catch((error: unknown) => onError?.(error));
  signal?.addEventListener("abort", () => void server.stop(), { once: true });
  return server;
}

/** A port alone is one of the loopback. Throws `invalid_argument`. */
export function parseListen(text: string): { host: string; port: number } {
  if (/^\d{1,5}$/.test(text)) return parseListen(`127.0.0.1:${text}`);
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535)
    throw new SlipwayError(
      "invalid_argument",
      `Invalid listen address "${text}": expected HOST:PORT, :PORT for every address, or PORT`,
    );
  return { host: match[1] ?? (match[2] === "" ? "::" : (match[2] ?? "::")), port };
}
