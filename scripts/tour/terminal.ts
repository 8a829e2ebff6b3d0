import { spawn } from "node:child_process";

const bold = (text: string) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);

/** What the reader sees between the commands. */
export function say(text: string): void {
  console.log(`\n${text}`);
}

export function heading(number: number, text: string): void {
  console.log(`\n${bold(`── ${number}. ${text} ${"─".repeat(Math.max(0, 66 - text.length))}`)}`);
}

export interface Shell {
  /** Types a command, shows its output, and resolves to its stdout. Throws when it fails. */
  run(...words: string[]): Promise<string>;
}

/** Runs `program` with the environment and directory of the tour. */
export function shell(program: string, options: { env: NodeJS.ProcessEnv; cwd: string }): Shell {
  return {
    run: async (...words) => {
      console.log(bold(`\n$ slipway ${words.map(quoted).join(" ")}`));
      return await execute(program, words, options);
    },
  };
}

async function execute(
  program: string,
  words: string[],
  options: { env: NodeJS.ProcessEnv; cwd: string },
): Promise<string> {
  const child = spawn(program, words, { ...options, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    process.stdout.write(chunk);
  });
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on("error", reject).on("close", resolve),
  );
  if (code !== 0) throw new Error(`slipway ${words.join(" ")} ended with exit code ${code}`);
  return output;
}

function quoted(word: string): string {
  return /^[\w./:=@,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
