import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { errorCode, errorMessage, SlipwayError } from "../../errors.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import { httpFetch } from "../../platform/fetch.ts";
import { bypassesProxy } from "./host-match.ts";
import type { RegistryConfig } from "./registry-config.ts";
import { limitedText } from "./response-error.ts";
import { TransientError } from "./retry.ts";
import { parseWarnings } from "./warnings.ts";
import { StallGuard } from "./stall-guard.ts";

/** A registry may work on a whole upload before it answers. */
const answerMs = 300_000;

export interface ExchangeRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | ByteStream | undefined;
  /** The certificate is not checked. */
  readonly insecure?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose body may still be coming. Dispose closes the connection if it is (idempotent). */
export interface Exchange extends Disposable {
  readonly response: Response;
  readonly url: URL;
  /** The body in chunks; throws {@link TransientError} when the connection breaks or stalls. */
  body(): ByteStream;
}

/** Single HTTP exchanges by a {@link RegistryConfig}: proxies, authorities, stalls, errors with the host's name. */
export class HttpClient {
  readonly #config: RegistryConfig;
  #ca: Promise<string> | undefined;

  constructor(config: RegistryConfig) {
    this.#config = config;
  }

  /** Throws {@link TransientError} for what may pass, `unavailable` for a host that cannot be reached. */
  async exchange(url: URL, request: ExchangeRequest): Promise<Exchange> {
    const guard = new StallGuard(url.host, this.#config.stallMs ?? 60_000, request.signal);
    try {
      const response = await httpFetch(url, {
        method: request.method,
        headers: this.#headers(request),
        body: isStream(request.body) ? watched(request.body, guard) : request.body,
        signal: guard.signal,
        ca: await this.#authorities(),
        verifyTls: request.insecure !== true,
        proxy: this.#proxy(url),
      });
      guard.touch(this.#config.stallMs ?? 60_000);
      for (const text of parseWarnings(response.headers.get("warning")))
        this.#config.onWarning?.(url.host, text);
      return makeExchange(url, response, guard);
    } catch (error) {
      guard[Symbol.dispose]();
      throw networkError(url.host, guard.signal.aborted ? guard.signal.reason : error);
    }
  }

  #headers(request: ExchangeRequest): Headers {
    const headers = new Headers(request.headers);
    headers.set("user-agent", this.#config.userAgent ?? "slipway");
    headers.set("accept-encoding", "identity");
    return headers;
  }

  #proxy(url: URL): string | undefined {
    const { proxy } = this.#config;
    const chosen = url.protocol === "https:" ? proxy?.https : proxy?.http;
    if (!chosen || bypassesProxy(url, proxy?.noProxy ?? "")) return undefined;
    return chosen.includes("://") ? chosen : `http://${chosen}`;
  }

  #authorities(): Promise<string> | undefined {
    const { caFile } = this.#config;
    if (caFile === undefined) return undefined;
    return (this.#ca ??= readAuthorities(caFile));
  }
}

/** The body as text, at most `max` bytes of it; the exchange is over afterwards. */
export async function exchangeText(exchange: Exchange, max: number): Promise<string> {
  using open = exchange;
  return await limitedText(open.response, max);
}

async function readAuthorities(path: string): Promise<string> {
  try {
    return [...rootCertificates, await readFile(path, "utf8")].join("\n");
  } catch (error) {
    const message = `Cannot read the CA bundle "${path}": ${errorMessage(error)}`;
    throw new SlipwayError("invalid_argument", message, { cause: error });
  }
}

function makeExchange(url: URL, response: Response, guard: StallGuard): Exchange {
  return {
    response,
    url,
    body: () => readBody(url.host, response, guard),
    [Symbol.dispose]: () => guard.abort(),
  };
}

async function* readBody(host: string, response: Response, guard: StallGuard): ByteStream {
  try {
    for await (const chunk of response.body ?? []) {
      guard.touch();
      yield chunk;
      guard.touch();
    }
  } catch (error) {
    throw networkError(host, guard.signal.aborted ? guard.signal.reason : error);
  } finally {
    guard.abort();
  }
}

async function* watched(body: ByteStream, guard: StallGuard): ByteStream {
  for await (const chunk of body) {
    guard.touch();
    yield chunk;
  }
  guard.touch(answerMs);
}

function isStream(body: ExchangeRequest["body"]): body is ByteStream {
  return typeof body === "object" && !(body instanceof Uint8Array);
}

/** Failures no second try will mend. */
const lasting =
  /^(ECONNREFUSED|ENOTFOUND|EPROTO|.*CERT.*|.*SELF_SIGNED.*|ERR_TLS.*|ERR_INVALID_URL|InvalidProxy.*)$/;

function networkError(host: string, error: unknown): unknown {
  if (error instanceof SlipwayError || errorCode(error) === "cancelled") return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const message = `Cannot reach ${host}: ${explain(code, error)}`;
  if (lasting.test(code)) return new SlipwayError("unavailable", message, { cause: error });
  return new TransientError(message, { cause: error });
}

function explain(code: string, error: unknown): string {
  switch (code) {
    case "ECONNREFUSED":
      return "connection refused";
    case "ENOTFOUND":
      return "no such host";
    case "ECONNRESET":
      return "connection closed by the server";
    case "EPROTO":
      return "TLS handshake failed";
    default:
      return errorMessage(error);
  }
}
