import { isCode } from "../errors.ts";
import { NotReached, remoteMessage } from "./remote-error.ts";
import type { CliContext } from "./command.ts";

/** What is in that state already is no failure: for the `catch` of a start or stop. */
export function ignoreUnchanged(error: unknown): void {
  if (!isCode(error, "not_modified")) throw error;
}

/**
 * Does one thing to each name in turn and prints what `act` gives back (the name, usually). A failure is shown and
 * the others go on; the exit code is then 1.
 */
export async function forEach(
  names: readonly string[],
  context: CliContext,
  act: (name: string) => Promise<string | undefined>,
): Promise<number> {
  let failed = false;
  for (const name of names) {
    try {
      const shown = await act(name);
      if (shown !== undefined) context.stdout.write(`${shown}\n`);
    } catch (error) {
      if (error instanceof NotReached) throw error;
      failed = true;
      context.stderr.write(`${remoteMessage(error)}\n`);
    }
  }
  return failed ? 1 : 0;
}
