/** What is known of one request when its answer begins. */
export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** From the request's arrival to the answer's head, milliseconds. */
  readonly ms: number;
  /** The client's address. */
  readonly address: string | undefined;
  readonly account: string | undefined;
  readonly userAgent: string | undefined;
  /** Bytes of the request's and the answer's body, as far as they are announced. */
  readonly received: number;
  readonly sent: number;
}

/** What is learnt about a request while it is answered; each request has one of its own. */
export interface RequestNotes {
  account?: string | undefined;
}

export function recordRequest(
  request: Request,
  response: Response,
  seen: { readonly address: string | undefined; readonly account: string | undefined; readonly ms: number },
): RequestRecord {
  const { pathname } = new URL(request.url);
  return {
    method: request.method,
    path: pathname,
    status: response.status,
    ms: Math.round(seen.ms * 10) / 10,
    address: seen.address,
    account: seen.account,
    userAgent: request.headers.get("user-agent") ?? undefined,
    received: length(request.headers),
    sent: request.method === "HEAD" ? 0 : length(response.headers),
  };
}

/** One line of JSON. The query is left out: it may hold a token. */
export function formatAccessLine(record: RequestRecord, time: Date): string {
  return `${JSON.stringify({ time: time.toISOString(), ...record })}\n`;
}

function length(headers: Headers): number {
  const text = headers.get("content-length") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
