import { spawn } from "node:child_process";
import { SlipwayError } from "../errors.ts";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Default: this process's. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** What the command reads on its standard input. Default: nothing. */
  readonly input?: string;
}

const maxOutput = 1 << 20;

/**
 * Runs a short command to its end and returns its exit code with at most 1 MiB of each of its outputs. Throws
 * `unavailable` when it cannot be started; a failing one is a result.
 */
export function runCommand(
  command: readonly string[],
  { env, input = "" }: CommandOptions = {},
): Promise<CommandResult> {
  const [file = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "pipe", ...(env === undefined ? {} : { env }) });
    const out = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out.stdout = keep(out.stdout, text)));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (out.stderr = keep(out.stderr, text)));
    // A command that fails early closes its input: its exit code tells more than EPIPE.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("error", (cause) => reject(cannotRun(file, cause)));
    child.on("close", (code) => resolve({ code: code ?? 255, ...out }));
  });
}

/** As {@link runCommand}, for its standard output. Throws `internal` with the command's first words when it fails. */
export async function commandOutput(command: readonly string[], options?: CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await runCommand(command, options);
  if (code === 0) return stdout;
  const said = stderr.trim().split("\n")[0] ?? "";
  throw new SlipwayError("internal", `Command "${command.join(" ")}" failed: ${said}`);
}

function keep(before: string, text: string): string {
  return before.length < maxOutput ? before + text : before;
}

/** Debian's packages of the programs that are not certain to be there. */
const packages: Readonly<Record<string, string>> = {
  nft: "nftables",
  ip: "iproute2",
  nsenter: "util-linux",
};

function cannotRun(file: string, cause: Error): SlipwayError {
  const advice = packages[file] === undefined ? "" : `: install the package ${packages[file]}`;
  return new SlipwayError("unavailable", `Cannot run "${file}": ${cause.message}${advice}`, { cause });
}
