import { SlipwayError } from "../errors.ts";

/** No engine answered, and none could be started: trying the next name is no use. */
export class NotReached extends SlipwayError {}

/** What went wrong, as Docker's client words it: an answer of the engine is told from a failure of this program. */
export function remoteMessage(error: unknown): string {
  if (error instanceof SlipwayError && !(error instanceof NotReached)) {
    return `Error response from daemon: ${error.message}`;
  }
  return error instanceof Error ? error.message : String(error);
}
