import { SlipwayError, type ErrorCode } from "../../errors.ts";

/** distribution-spec, "Error Codes", which allows no others: code → message, HTTP status, and the class it belongs to. */
const table = {
  BLOB_UNKNOWN: ["blob unknown to registry", 404, "not_found"],
  BLOB_UPLOAD_INVALID: ["blob upload invalid", 400, "invalid_argument"],
  BLOB_UPLOAD_UNKNOWN: ["blob upload unknown to registry", 404, "not_found"],
  DIGEST_INVALID: ["provided digest did not match uploaded content", 400, "data_loss"],
  MANIFEST_BLOB_UNKNOWN: ["manifest references a manifest or blob unknown to registry", 404, "not_found"],
  MANIFEST_INVALID: ["manifest invalid", 400, "invalid_argument"],
  MANIFEST_UNKNOWN: ["manifest unknown", 404, "not_found"],
  NAME_INVALID: ["invalid repository name", 400, "invalid_argument"],
  NAME_UNKNOWN: ["repository name not known to registry", 404, "not_found"],
  SIZE_INVALID: ["provided length did not match content length", 400, "invalid_argument"],
  UNAUTHORIZED: ["authentication required", 401, "unauthorized"],
  DENIED: ["requested access to the resource is denied", 403, "forbidden"],
  UNSUPPORTED: ["the operation is unsupported", 405, "not_implemented"],
  TOOMANYREQUESTS: ["too many requests", 429, "unavailable"],
  // Only with 5xx, for which the spec has no codes.
  UNAVAILABLE: ["registry is not able to answer", 503, "unavailable"],
  UNKNOWN: ["unknown error", 500, "internal"],
} as const satisfies Record<string, readonly [string, number, ErrorCode]>;

export type RegistryErrorCode = keyof typeof table;

interface Extras {
  /** Goes into the answer's `detail`. */
  readonly detail?: unknown;
  readonly message?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A refusal in the spec's words (distribution-spec, "Error Codes"). */
export class RegistryError extends SlipwayError {
  readonly specCode: RegistryErrorCode;
  readonly status: number;
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(specCode: RegistryErrorCode, extras: Extras = {}) {
    const [message, status, code] = table[specCode];
    super(code, extras.message ?? message, { cause: extras.cause });
    this.specCode = specCode;
    this.status = extras.status ?? status;
    this.detail = extras.detail ?? null;
    this.headers = extras.headers ?? {};
  }
}

/** The error's answer, with a JSON body as the spec wants it. */
export function errorResponse(error: RegistryError): Response {
  const body = { errors: [{ code: error.specCode, message: error.message, detail: error.detail }] };
  return new Response(`${JSON.stringify(body)}\n`, {
    status: error.status,
    headers: { "content-type": "application/json", ...error.headers },
  });
}
