/**
 * What went wrong, classed by what the caller can do about it. One switch in `api/` maps a code to an HTTP
 * status and one in `cli/` maps it to an exit code.
 */
export type ErrorCode =
  | "invalid_argument"
  | "not_found"
  | "conflict"
  | "not_modified"
  | "unauthorized"
  | "forbidden"
  | "unavailable"
  | "not_implemented"
  | "resource_exhausted"
  | "deadline_exceeded"
  | "cancelled"
  | "data_loss"
  | "internal";

/**
 * The one error class. The message says what failed first, quotes values, and ends without a full stop:
 * `Cannot unpack layer "sha256:…": path escapes the root`. Subclass only to add fields.
 */
export class SlipwayError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "SlipwayError";
    this.code = code;
  }
}

/** The code of any thrown value: an abort is `cancelled`, a full disk is `resource_exhausted`, the rest `internal`. */
export function errorCode(thrown: unknown): ErrorCode {
  const error = firstFault(thrown);
  if (error instanceof SlipwayError) return error.code;
  if (!(error instanceof Error)) return "internal";
  if (error.name === "AbortError") return "cancelled";
  if (error.name === "TimeoutError") return "deadline_exceeded";
  const errno = (error as NodeJS.ErrnoException).code;
  return errno === "ENOSPC" || errno === "EDQUOT" ? "resource_exhausted" : "internal";
}

/** Whether {@link errorCode} of the thrown value is `code`. */
export function isCode(error: unknown, code: ErrorCode): boolean {
  return errorCode(error) === code;
}

/** The message of any thrown value, for embedding in another message. */
export function errorMessage(thrown: unknown): string {
  const error = firstFault(thrown);
  return error instanceof Error ? error.message : String(error);
}

/**
 * When undoing failed as well, what went wrong first is what the caller is to be told. By name: Node 20 has no
 * `SuppressedError` of its own.
 */
function firstFault(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== "SuppressedError") return error;
  return firstFault((error as Error & { suppressed?: unknown }).suppressed);
}
