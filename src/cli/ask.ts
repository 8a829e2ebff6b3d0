import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { ExitError, type CliContext } from "./command.ts";

/** All of `stream` without its last line feed: what a password is that somebody pipes in. */
export async function readLine(stream: NodeJS.ReadStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}

/** Asks on the terminal; a hidden answer is not echoed. Throws where there is no terminal. */
export async function ask(context: CliContext, question: string, hidden: boolean): Promise<string> {
  if (!context.stdin.isTTY)
    throw new ExitError(1, "Error: Cannot perform an interactive login from a non TTY device");
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (hidden) context.stdout.write(question);
  const lines = createInterface({
    input: context.stdin,
    output: hidden ? silent : context.stdout,
    terminal: true,
  });
  try {
    return await lines.question(hidden ? "" : question);
  } finally {
    lines.close();
    if (hidden) context.stdout.write("\n");
  }
}
