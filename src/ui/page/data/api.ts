/** An answer of the engine, or of the page's server, that is no success. */
export class ApiError extends Error {
  readonly status: number;
  /** `engine_away`: the engine does not answer; `offline`: the page's own server does not. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface CallOptions {
  readonly query?: Query;
  readonly json?: unknown;
  readonly body?: Blob;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Where a call goes: Docker's words have a version before them, Slipway's own do not. */
export function apiPath(path: string, query: Query = {}): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== false) words.append(name, value === true ? "1" : String(value));
  const prefix = path.startsWith("/slipway/") ? "/api" : "/api/v1.50";
  return `${prefix}${path}${words.size === 0 ? "" : `?${words}`}`;
}

/** A name in a path: slashes of image references stay. */
export function pathName(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

/** Calls the engine. Throws {@link ApiError}. */
export async function call(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const { query, json, body, headers, signal } = options;
  const type = json === undefined ? {} : { "Content-Type": "application/json" };
  const sent = json === undefined ? body : JSON.stringify(json);
  const response = await fetch(apiPath(path, query), {
    method,
    headers: { ...type, ...headers },
    ...(sent !== undefined && { body: sent }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "offline", "The page's server does not answer");
  });
  if (response.ok || response.status === 304) return response;
  throw await errorOf(response);
}

export async function getJson<T>(path: string, options: CallOptions = {}): Promise<T> {
  const response = await call("GET", path, options);
  return (await response.json()) as T;
}

/** A call whose answer does not matter. */
export async function send(method: string, path: string, options: CallOptions = {}): Promise<void> {
  await (await call(method, path, options)).arrayBuffer();
}

export async function sendJson<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const response = await call(method, path, options);
  return (await response.json()) as T;
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  const code = response.headers.get("slipway-error-code") ?? "internal";
  return new ApiError(response.status, code, messageOf(text) ?? `The engine answered ${response.status}`);
}

function messageOf(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Words for any thrown value. */
export function messageFrom(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
