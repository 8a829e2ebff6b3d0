import { SlipwayError, type ErrorCode } from "../../errors.ts";
import { parseRetryAfter, TransientError } from "./retry.ts";

/** What a registry answered instead of what was asked for. */
export class ResponseError extends SlipwayError {
  readonly status: number;
  /** The spec's code, `MANIFEST_UNKNOWN`; undefined when the body named none. */
  readonly specCode: string | undefined;
  /** What the registry said, without host and status. */
  readonly answer: string;

  constructor(host: string, status: number, said: { code: string | undefined; message: string }) {
    super(classOf(status, said.code), `${host} answered ${status} ${said.message}`);
    this.status = status;
    this.specCode = said.code;
    this.answer = said.message;
  }
}

/** Reads a refusal's body, at most 64 KiB of it, and turns it into the error to throw. */
export async function responseError(host: string, response: Response): Promise<SlipwayError> {
  const { status } = response;
  const said = parseBody(await limitedText(response, 64 << 10), response);
  if (status !== 429 && status !== 502 && status !== 503 && status !== 504)
    return new ResponseError(host, status, said);
  const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), Date.now());
  return new TransientError(`${host} answered ${status} ${said.message}`, { retryAfterMs });
}

/** At most `max` bytes of the body as text; the rest is dropped. An unreadable body is empty. */
export async function limitedText(response: Response, max: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk.subarray(0, max - size));
      size += chunk.length;
      if (size >= max) break;
    }
  } catch {
    // The status says enough.
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function parseBody(text: string, response: Response): { code: string | undefined; message: string } {
  try {
    const { errors } = JSON.parse(text) as { errors?: { code?: unknown; message?: unknown }[] };
    const [first] = Array.isArray(errors) ? errors : [];
    if (first && typeof first.code === "string") {
      const message = typeof first.message === "string" && first.message !== "" ? first.message : first.code;
      return { code: first.code, message: prefixed(first.code, printable(message)) };
    }
  } catch {
    // Not the spec's error body.
  }
  return { code: undefined, message: printable(response.statusText || reason(response.status)) };
}

/** Scripts look for `denied: ` and `unauthorized: `, as Docker prints them. */
function prefixed(code: string, message: string): string {
  return code === "DENIED" || code === "UNAUTHORIZED" ? `${code.toLowerCase()}: ${message}` : message;
}

/** Registry text goes to terminals: no control characters, one line, not endless. */
export function printable(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ")
    .trim()
    .slice(0, 300);
}

function reason(status: number): string {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "denied";
    case 404:
      return "not found";
    case 429:
      return "too many requests";
    default:
      return status >= 500 ? "server error" : "refused";
  }
}

function classOf(status: number, code: string | undefined): ErrorCode {
  if (code === "UNAUTHORIZED" || status === 401) return "unauthorized";
  if (code === "DENIED" || status === 403) return "forbidden";
  // Some registries say 400 of a manifest whose blobs they lack.
  if (status === 404 || code === "MANIFEST_BLOB_UNKNOWN") return "not_found";
  if (status === 409) return "conflict";
  if (status === 405 || status === 501) return "not_implemented";
  if (status === 507) return "resource_exhausted";
  return status >= 500 ? "unavailable" : "invalid_argument";
}
