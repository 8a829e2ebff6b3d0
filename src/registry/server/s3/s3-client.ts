import { setTimeout as sleep } from "node:timers/promises";
import { errorMessage, SlipwayError } from "../../../errors.ts";
import { httpFetch } from "../../../platform/fetch.ts";
import { presignedUrl, signedHeaders, type S3Credentials } from "./sign-request.ts";

const attempts = 4;

export interface S3Options {
  /** `https://s3.eu-central-1.amazonaws.com`, `http://minio:9000`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly credentials: S3Credentials;
  /** In front of every key; no slash at its end. */
  readonly prefix?: string;
}

export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Undefined: the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Statuses to return; all others throw. Default 200. */
  readonly accept?: readonly number[];
}

/** Signed requests to one bucket, path-style, which every S3 server takes. What may pass is tried again. */
export class S3Client {
  readonly #options: S3Options;

  constructor(options: S3Options) {
    this.#options = options;
  }

  /** The key with the prefix of the configuration. */
  fullKey(key: string): string {
    const { prefix } = this.#options;
    return prefix ? `${prefix}/${key}` : key;
  }

  /** As `x-amz-copy-source` wants it. */
  copySource(key: string): string {
    return encodeURI(`/${this.#options.bucket}/${this.fullKey(key)}`);
  }

  /** Throws `unavailable` for a store that cannot be reached or refuses. */
  async send(request: S3Request): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(request);
      } catch (error) {
        if (attempt === attempts || (error instanceof S3Error && !error.passing)) throw error;
        await sleep(100 * 2 ** attempt);
      }
    }
  }

  /** A URL under which anybody may GET the object for `seconds`. */
  presign(key: string, seconds: number): string {
    const { region, credentials } = this.#options;
    const url = this.#url({ method: "GET", key });
    return presignedUrl({ method: "GET", url, region, credentials, now: new Date() }, seconds);
  }

  async #once(request: S3Request): Promise<Response> {
    const { region, credentials } = this.#options;
    const url = this.#url(request);
    const { method, body } = request;
    const signed = signedHeaders(
      { method, url, region, credentials, now: new Date() },
      request.headers ?? {},
    );
    const headers = new Headers(signed);
    if (method === "PUT" || method === "POST")
      headers.set("content-length", String(Buffer.byteLength(body ?? "")));
    const response = await this.#fetch(url, { method, headers, body: body ?? bodyFor(method) });
    if ((request.accept ?? [200]).includes(response.status)) return response;
    const said = (await response.text().catch(() => "")).slice(0, 2000);
    throw new S3Error(`${method} ${url.pathname}`, response.status, said);
  }

  async #fetch(url: URL, request: Parameters<typeof httpFetch>[1]): Promise<Response> {
    try {
      return await httpFetch(url, request);
    } catch (error) {
      throw new SlipwayError("unavailable", `Cannot reach ${url.host}: ${errorMessage(error)}`, {
        cause: error,
      });
    }
  }

  #url({ key, query }: S3Request): URL {
    const { endpoint, bucket } = this.#options;
    const url = new URL(endpoint);
    const path = key === undefined ? bucket : `${bucket}/${this.fullKey(key)}`;
    url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    return url;
  }
}

/** What the store answered instead. */
export class S3Error extends SlipwayError {
  readonly passing: boolean;

  constructor(what: string, status: number, body: string) {
    const code = /<Code>([^<]{1,100})<\/Code>/.exec(body)?.[1] ?? "";
    super("unavailable", `The object store answered ${status} ${code} to ${what}`);
    this.passing = status === 429 || status >= 500;
  }
}

function bodyFor(method: string): string | undefined {
  return method === "PUT" || method === "POST" ? "" : undefined;
}
