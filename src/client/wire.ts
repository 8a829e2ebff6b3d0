import { SlipwayError } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";
import { noTrace, type Trace } from "../internal/trace.ts";
import { unixFetch, type WireAddress, type WireRequest, type WireResponse } from "../platform/unix-fetch.ts";
import { formatAddress } from "./address.ts";
import type { HijackedConnection } from "./hijack.ts";
import { jsonDocuments } from "./json-lines.ts";
import { knownCode, statusError } from "./status-error.ts";

const apiPrefix = "/v1.50";

/** A value of a query: see {@link CallDetails.query}. */
export type QueryValue = string | number | boolean | object | readonly string[] | undefined;

/** What travels with a call besides method and path. */
export interface CallDetails {
  /** Undefined and false are left out, true is 1, lists repeat, other objects are JSON. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly body?: ByteStream;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

/** What all calls of a {@link Wire} have in common. */
export interface WireOptions {
  /** Measures each call. */
  readonly trace?: Trace | undefined;
  /** Sent with every call: what it allows is all that the calls may do. */
  readonly token?: string | undefined;
}

/** Calls to one engine. Every method throws the engine's own error, and `unavailable` when no engine answers. */
export class Wire {
  readonly address: WireAddress;
  readonly #trace: Trace;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(address: WireAddress, { trace = noTrace, token }: WireOptions = {}) {
    this.address = address;
    this.#trace = trace;
    this.#headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }

  /** The answer's head; its body is the caller's. */
  async call(method: Method, path: string, details: CallDetails = {}): Promise<WireResponse> {
    const asked = () => {
      const headers = { ...this.#headers, ...this.#trace.headers?.(), ...details.headers };
      return this.#fetch(request(method, path, { ...details, headers }));
    };
    const response = await this.#trace.span(`${method} ${path}`, asked);
    if (response.status >= 200 && response.status < 300) return response;
    const body = await readText(response.body).catch(() => "");
    throw statusError(response.status, response.headers.get("slipway-error-code"), body);
  }

  async json<T>(method: Method, path: string, details: CallDetails = {}): Promise<T> {
    const response = await this.call(method, path, details);
    return parseAnswer<T>(await readText(response.body));
  }

  /** A call whose answer says nothing. */
  async done(method: Method, path: string, details: CallDetails = {}): Promise<void> {
    const response = await this.call(method, path, details);
    await readText(response.body);
  }

  /** Documents of a streamed answer; a line with an error throws it. */
  async *lines(
    method: Method,
    path: string,
    details: CallDetails = {},
  ): AsyncGenerator<Record<string, unknown>> {
    const response = await this.call(method, path, details);
    for await (const document of jsonDocuments(response.body)) {
      if ("errorDetail" in document) throw lineError(document);
      yield document;
    }
  }

  async hijack(path: string, details: CallDetails = {}): Promise<HijackedConnection> {
    const { hijack } = await import("./hijack.ts");
    const body = details.json === undefined ? "" : JSON.stringify(details.json);
    const target = apiPrefix + path + queryString(details.query);
    try {
      const o = { signal: details.signal, headers: this.#headers };
      const joined = () => hijack(this.address, target, body, o);
      return await this.#trace.span(`POST ${path}`, joined);
    } catch (error) {
      throw this.#connectError(error);
    }
  }

  async #fetch(what: WireRequest): Promise<WireResponse> {
    try {
      return await unixFetch(this.address, what);
    } catch (error) {
      throw this.#connectError(error);
    }
  }

  #connectError(error: unknown): unknown {
    if (error instanceof SlipwayError || !(error instanceof Error) || error.name === "AbortError")
      return error;
    if (error.name === "TimeoutError") return error;
    const { code } = error as NodeJS.ErrnoException;
    const where = formatAddress(this.address);
    const why = reason(code, error.message);
    return new SlipwayError("unavailable", `Cannot connect to the engine at ${where}: ${why}`, {
      cause: error,
    });
  }
}

function reason(code: string | undefined, message: string): string {
  if (code === "EACCES" || code === "EPERM") return "permission denied on its socket";
  return /certificate|ssl|tls/i.test(`${code} ${message}`) ? message : "is it running?";
}

function request(method: Method, path: string, details: CallDetails): WireRequest {
  const { json, body = json === undefined ? undefined : JSON.stringify(json), signal } = details;
  const type = json === undefined ? {} : { "Content-Type": "application/json" };
  return {
    method,
    path: (path.startsWith("/slipway/") ? "" : apiPrefix) + path + queryString(details.query),
    headers: { ...type, ...details.headers },
    body,
    signal,
  };
}

function queryString(query: CallDetails["query"]): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === false) continue;
    if (Array.isArray(value)) for (const item of value) out.append(name, String(item));
    else
      out.append(
        name,
        value === true ? "1" : typeof value === "object" ? JSON.stringify(value) : String(value),
      );
  }
  return out.size === 0 ? "" : `?${out}`;
}

function lineError({ error, slipwayCode }: Record<string, unknown>): SlipwayError {
  return new SlipwayError(knownCode(slipwayCode) ?? "internal", String(error));
}

/** A name as path of its own: slashes of image references stay, the one that `inspect` puts before a name goes. */
export function pathOf(given: string): string {
  const name = given.replace(/^\//, "");
  if (name === "") throw new SlipwayError("invalid_argument", "An empty name names nothing");
  return name.split("/").map(encodeURIComponent).join("/");
}

/** The whole body as UTF-8. For answers that are known to be short. */
export async function readText(body: ByteStream): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

function parseAnswer<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new SlipwayError("internal", `The engine sent no JSON: ${text.slice(0, 200)}`, { cause });
  }
}
