import { readFile, stat } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { errorMessage, SlipwayError } from "../../../errors.ts";
import { serveHttp, type HttpServer, type HttpServerOptions } from "../../../platform/http-server.ts";
import type { TlsFiles } from "../config/server-config.ts";

export interface TlsServerOptions extends Omit<HttpServerOptions, "tls" | "listen" | "sharePort"> {
  readonly listen: { readonly host: string; readonly port: number };
  readonly files: TlsFiles;
  /** How often the files are looked at. Default 10 s. */
  readonly pollMs?: number;
}

/**
 * Serves over TLS, and takes changed certificate files without losing a connection: a second listener on the same
 * port takes over, and the first one ends with its last request. Files that do not fit each other are reported to
 * `onError` and the old ones stay. Throws `invalid_argument` for files that cannot be used at the start.
 */
export async function serveTls(options: TlsServerOptions): Promise<HttpServer> {
  const { files, listen } = options;
  let stamp = await stampOf(files);
  const tls = await readTls(files);
  // Shared ports give no error when someone else has them: a listener that does not share finds out.
  const probe = await serveHttp({ ...options, listen, tls });
  const port = probe.port ?? listen.port;
  const { url } = probe;
  await probe[Symbol.asyncDispose]();
  const open = async (pem: typeof tls): Promise<HttpServer> =>
    await serveHttp({ ...options, listen: { host: listen.host, port }, tls: pem, sharePort: true });
  let current = await open(tls);
  const retired = new Set<Promise<void>>();
  const timer = setInterval(() => void reload().catch(options.onError), options.pollMs ?? 10_000);
  timer.unref();

  async function reload(): Promise<void> {
    const now = await stampOf(files);
    if (now === stamp) return;
    const pem = await readTls(files);
    stamp = now;
    const old = current;
    current = await open(pem);
    const ended = old.stop().finally(() => retired.delete(ended));
    retired.add(ended);
  }
  return {
    port,
    url,
    stop: async () => {
      clearInterval(timer);
      await Promise.all([current.stop(), ...retired]);
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await current[Symbol.asyncDispose]();
    },
  };
}

async function readTls({ cert, key, clientCa }: TlsFiles): Promise<NonNullable<HttpServerOptions["tls"]>> {
  try {
    const pem = {
      cert: await readFile(cert, "utf8"),
      key: await readFile(key, "utf8"),
      ...(clientCa !== undefined && { clientCa: await readFile(clientCa, "utf8") }),
    };
    createSecureContext({ cert: pem.cert, key: pem.key });
    return pem;
  } catch (error) {
    const message = `Cannot use the certificate "${cert}" with the key "${key}": ${errorMessage(error)}`;
    throw new SlipwayError("invalid_argument", message, { cause: error });
  }
}

async function stampOf(files: TlsFiles): Promise<string> {
  const paths = [files.cert, files.key, ...(files.clientCa === undefined ? [] : [files.clientCa])];
  const stats = await Promise.all(paths.map(async (path) => await stat(path).catch(() => undefined)));
  return stats.map((one) => `${one?.mtimeMs}:${one?.size}:${one?.ino}`).join(" ");
}
