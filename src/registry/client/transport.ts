import { SlipwayError } from "../../errors.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Exchange, HttpClient } from "./http-client.ts";
import type { RetryConfig } from "./registry-config.ts";
import { limitedText, responseError } from "./response-error.ts";
import { retry } from "./retry.ts";

const mostRedirects = 10;

export interface RegistryRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the endpoint's base (`v2/library/nginx/tags/list`), or a location the registry gave. */
  readonly path: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream can be sent once only: such a request is never tried again here. */
  readonly body?: Uint8Array | string | ByteStream | undefined;
  /** `repository:library/nginx:pull` */
  readonly scopes: readonly string[];
  /** Statuses to return; all others throw. Default 200. */
  readonly accept?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** Requests to a registry: authentication, redirects, retries. */
export class Transport {
  readonly #client: HttpClient;
  readonly #retry: RetryConfig;

  constructor(client: HttpClient, retryConfig: RetryConfig = {}) {
    this.#client = client;
    this.#retry = retryConfig;
  }

  /** How often, and how long apart, what may pass is tried. */
  get retryConfig(): RetryConfig {
    return this.#retry;
  }

  /**
   * Sends, and returns an accepted answer; dispose it. Throws what `responseError` makes of others. With `tries` 1
   * nothing is tried again.
   */
  async send(endpoint: Endpoint, request: RegistryRequest, tries?: number): Promise<Exchange> {
    const once = isStream(request.body) ? 1 : tries;
    const config = once === undefined ? this.#retry : { ...this.#retry, attempts: once };
    return await retry(config, request.signal, () => this.#attempt(endpoint, request));
  }

  async #attempt(endpoint: Endpoint, request: RegistryRequest): Promise<Exchange> {
    const { scopes } = request;
    let exchange = await this.#authorized(endpoint, request);
    if (exchange.response.status === 401 && !isStream(request.body)) {
      using refused = exchange;
      const challenge = refused.response.headers.get("www-authenticate");
      const again = await endpoint.authorizer.learn(challenge, scopes);
      if (!again) throw await responseError(endpoint.host, refused.response);
      await limitedText(refused.response, 64 << 10);
      exchange = await this.#authorized(endpoint, request);
    }
    if ((request.accept ?? [200]).includes(exchange.response.status)) return exchange;
    using refused = exchange;
    if (refused.response.status === 401)
      await endpoint.authorizer.learn(refused.response.headers.get("www-authenticate"), scopes);
    throw await responseError(refused.url.host, refused.response);
  }

  /** One exchange with what we know to authorize it, and those it is redirected to. */
  async #authorized(endpoint: Endpoint, request: RegistryRequest): Promise<Exchange> {
    const base = await endpoint.base(request.signal);
    let url = new URL(request.path, base);
    const authorization = await endpoint.authorizer.header(request.scopes, request.signal);
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const own = url.origin === base.origin;
      const exchange = await this.#client.exchange(url, {
        method: request.method,
        headers: { ...request.headers, ...(own && authorization !== undefined && { authorization }) },
        body: request.body,
        insecure: own && endpoint.insecure,
        signal: request.signal,
      });
      const next = redirectTarget(exchange, request);
      if (next === undefined) return exchange;
      await drain(exchange);
      url = checkedTarget(endpoint, url, next);
    }
    throw new SlipwayError("unavailable", `${endpoint.host} redirected more than ${mostRedirects} times`);
  }
}

function redirectTarget({ response }: Exchange, { method, accept }: RegistryRequest): string | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  if (![301, 302, 303, 307, 308].includes(response.status) || accept?.includes(response.status))
    return undefined;
  return response.headers.get("location") ?? undefined;
}

/** A redirect never leads from TLS to plain HTTP, nor to another protocol. */
function checkedTarget(endpoint: Endpoint, from: URL, location: string): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const plain = url?.protocol === "http:" && (from.protocol === "http:" || endpoint.insecure);
  if (url === undefined || (url.protocol !== "https:" && !plain))
    throw new SlipwayError(
      "unavailable",
      `${endpoint.host} redirected to ${JSON.stringify(location.slice(0, 200))}, which is refused`,
    );
  url.username = "";
  url.password = "";
  return url;
}

async function drain(exchange: Exchange): Promise<void> {
  using open = exchange;
  await limitedText(open.response, 64 << 10);
}

function isStream(body: RegistryRequest["body"]): body is ByteStream {
  return typeof body === "object" && !(body instanceof Uint8Array);
}
