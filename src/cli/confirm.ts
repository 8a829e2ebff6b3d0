import { createInterface } from "node:readline/promises";
import type { CliContext } from "./command.ts";

/** Asks before something is destroyed. Anything but yes, and the end of input, mean no. */
export async function confirmed(context: CliContext, warning: string): Promise<boolean> {
  const lines = createInterface({ input: context.stdin, output: context.stdout });
  const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  try {
    const answer = lines.question(`WARNING! ${warning}\nAre you sure you want to continue? [y/N] `);
    return /^y(es)?$/i.test((await Promise.race([answer, ended])).trim());
  } finally {
    lines.close();
  }
}
