import type { ErrorCode } from "../errors.ts";

/** The one switch from error code to HTTP status: what Docker answers in the same case, where it has the case. */
export function errorStatus(code: ErrorCode): number {
  switch (code) {
    case "invalid_argument":
      return 400;
    case "unauthorized":
      return 401;
    case "forbidden":
      return 403;
    case "not_found":
      return 404;
    case "conflict":
      return 409;
    case "not_modified":
      return 304;
    case "not_implemented":
      return 501;
    case "deadline_exceeded":
      return 504;
    case "resource_exhausted":
      return 507;
    case "cancelled":
      return 499;
    // Docker keeps 503 for what only a swarm has.
    case "unavailable":
    case "data_loss":
    case "internal":
      return 500;
  }
}
