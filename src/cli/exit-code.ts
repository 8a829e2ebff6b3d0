import { errorCode } from "../errors.ts";

/** The one switch from an error to the exit code of the program. Docker's own: 1 for nearly everything. */
export function exitCodeOf(error: unknown): number {
  switch (errorCode(error)) {
    case "cancelled":
      return 130;
    default:
      return 1;
  }
}
