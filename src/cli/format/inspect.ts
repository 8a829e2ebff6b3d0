import { ExitError, type CliContext } from "../command.ts";
import { NotReached, remoteMessage } from "../remote-error.ts";
import { parseInspectFormat } from "./template.ts";
import { TemplateError } from "./template/template-error.ts";

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
  const render = format === "" ? undefined : formatter(format);
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
  if (render === undefined) context.stdout.write(`${JSON.stringify(documents, undefined, 4)}\n`);
  else for (const document of documents) context.stdout.write(`${render(document)}\n`);
  for (const failure of failures) context.stderr.write(`${failure}\n`);
  return failures.length === 0 ? 0 : 1;
}

/** Docker's exit code for a template that cannot be read is 64, before anything is asked for. */
function formatter(format: string): (document: object) => string {
  if (format === "json") return (document) => JSON.stringify(document);
  try {
    return parseInspectFormat(format);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new ExitError(64, error.message, { cause: error });
  }
}
