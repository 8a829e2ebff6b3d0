import { readFile } from "node:fs/promises";
import { SlipwayError } from "../../errors.ts";
import { httpFetch } from "../../platform/fetch.ts";
import { proxyOf, type WebAccess } from "../web-access.ts";

/** A file on its way. */
export interface OpenDownload {
  readonly body: AsyncIterable<Uint8Array>;
  /** bytes; undefined when the server does not say */
  readonly total?: number;
  readonly etag?: string;
  /** Seconds since the epoch. */
  readonly modified?: number;
  /** The server has nothing newer than `etag`; there is no body. */
  readonly isUnchanged: boolean;
}

const maxRedirects = 10;

/** Asks for a file, redirects followed, as the build reaches the web. Throws `unavailable` for an answer that is no file. The caller reads `body`. */
export async function openDownload(
  address: string,
  options: { readonly signal: AbortSignal; readonly etag?: string | undefined; readonly web: WebAccess },
): Promise<OpenDownload> {
  const { signal, etag, web } = options;
  let url = new URL(address);
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw new SlipwayError("invalid_argument", `unsupported protocol "${url.protocol}"`);
    const authorization = web.authorization?.(url.host);
    const headers = new Headers({
      ...(etag !== undefined && { "If-None-Match": etag }),
      ...(authorization !== undefined && { Authorization: authorization }),
    });
    const ca = url.protocol === "https:" ? await authorities(web) : undefined;
    const response = await httpFetch(url, { method: "GET", headers, signal, ca, proxy: proxyOf(url, web) });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || response.status === 304 || location === null)
      return opened(response);
    await response.body?.cancel();
    url = new URL(location, url);
  }
  throw new SlipwayError("unavailable", `stopped after ${maxRedirects} redirects`);
}

async function authorities({ caFile }: WebAccess): Promise<string | undefined> {
  return caFile === undefined ? undefined : await readFile(caFile, "utf8");
}

async function opened(response: Response): Promise<OpenDownload> {
  const { status, headers, body } = response;
  if (status === 304) return { body: nothing(), isUnchanged: true };
  if (status !== 200) {
    await body?.cancel();
    throw new SlipwayError("unavailable", `invalid response status ${status}`);
  }
  const total = Number(headers.get("content-length") ?? Number.NaN);
  const modified = Date.parse(headers.get("last-modified") ?? "") / 1000;
  const etag = headers.get("etag");
  return {
    body: body ?? nothing(),
    ...(Number.isFinite(total) && { total }),
    ...(etag !== null && { etag }),
    ...(Number.isFinite(modified) && { modified }),
    isUnchanged: false,
  };
}

async function* nothing(): AsyncIterable<Uint8Array> {}
