import { spawn } from "node:child_process";
import { SlipwayError } from "../errors.ts";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const maxOutput = 1 << 20;

/** Runs a short command to its end. Throws `unavailable` when it cannot be started; a failing one is a result. */
export function runCommand(command: readonly string[], env?: NodeJS.ProcessEnv): Promise<CommandResult> {
  const [file = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe"],
      ...(env === undefined ? {} : { env }),
    });
    const out = { stdout: "", stderr: "" };
    child.stdout.on("data", (data: Buffer) => (out.stdout = keep(out.stdout, data)));
    child.stderr.on("data", (data: Buffer) => (out.stderr = keep(out.stderr, data)));
    child.on("error", (cause) =>
      reject(new SlipwayError("unavailable", `Cannot run "${file}": ${cause.message}`, { cause })),
    );
    child.on("close", (code) => resolve({ code: code ?? 255, ...out }));
  });
}

function keep(before: string, data: Buffer): string {
  return before.length < maxOutput ? before + data.toString() : before;
}
