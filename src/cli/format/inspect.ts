import type { CliContext } from "../command.ts";
import { NotReached, remoteMessage } from "../remote-error.ts";
import { renderTemplate } from "./template.ts";

/**
 * Prints what `inspect` says of each name: one JSON array, or by `--format` a line each. Names that fail are told on
 * stderr and make the exit code 1; the others are still shown.
 */
export async function inspectEach(
  names: readonly string[],
  format: string,
  context: CliContext,
  inspect: (name: string) => Promise<object>,
): Promise<number> {
  const documents: object[] = [];
  const failures: string[] = [];
  for (const name of names) {
    try {
      documents.push(await inspect(name));
    } catch (error) {
      if (error instanceof NotReached) throw error;
      failures.push(remoteMessage(error).replace(/^Error response from daemon: No such/, "Error: No such"));
    }
  }
  if (format === "") context.stdout.write(`${JSON.stringify(documents, undefined, 4)}\n`);
  else for (const document of documents) context.stdout.write(`${formatted(format, document)}\n`);
  for (const failure of failures) context.stderr.write(`${failure}\n`);
  return failures.length === 0 ? 0 : 1;
}

function formatted(format: string, document: object): string {
  return format === "json" ? JSON.stringify(document) : renderTemplate(format, document);
}
