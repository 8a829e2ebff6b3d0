import { SlipwayError, type ErrorCode } from "../errors.ts";

const codes: ReadonlySet<string> = new Set<ErrorCode>([
  "invalid_argument",
  "not_found",
  "conflict",
  "not_modified",
  "unauthorized",
  "forbidden",
  "unavailable",
  "not_implemented",
  "resource_exhausted",
  "deadline_exceeded",
  "cancelled",
  "data_loss",
  "internal",
]);

/** The one switch from HTTP status to error code, for engines that do not name the code themselves. */
export function statusCode(status: number): ErrorCode {
  switch (status) {
    case 304:
      return "not_modified";
    case 400:
      return "invalid_argument";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 409:
      return "conflict";
    case 499:
      return "cancelled";
    case 501:
      return "not_implemented";
    case 503:
      return "unavailable";
    case 504:
      return "deadline_exceeded";
    case 507:
      return "resource_exhausted";
    default:
      return "internal";
  }
}

/** A code as our own engine names it; undefined for anything else. */
export function knownCode(name: unknown): ErrorCode | undefined {
  return typeof name === "string" && codes.has(name) ? (name as ErrorCode) : undefined;
}

/** The error of an answer with status 304 or from 400 on, whose body is `{"message"}` or text. */
export function statusError(status: number, codeField: string | null, body: string): SlipwayError {
  const code = knownCode(codeField) ?? statusCode(status);
  const fallback =
    code === "not_modified"
      ? "nothing to do: the container is in that state already"
      : `engine answered ${status}`;
  return new SlipwayError(code, messageOf(body) ?? fallback);
}

function messageOf(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const message = (parsed as { message?: unknown } | null)?.message;
    return typeof message === "string" && message !== "" ? message : undefined;
  } catch {
    const text = body.trim();
    return text === "" ? undefined : text.slice(0, 1000);
  }
}
