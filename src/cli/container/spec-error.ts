import { errorMessage } from "../../errors.ts";
import { ExitError } from "../command.ts";

/** What the options ask for; whatever is wrong with them is exit code 125, with a hint at the command's help. */
export function specOf<T>(command: "run" | "create", read: () => T): T {
  try {
    return read();
  } catch (error) {
    const hint = `Run 'slipway ${command} --help' for more information`;
    throw new ExitError(125, `slipway: ${errorMessage(error)}\n\n${hint}`, { cause: error });
  }
}
