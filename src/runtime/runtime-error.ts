import { SlipwayError } from "../errors.ts";

/** The exit code Docker's client ends with: 127 not found, 126 not executable, 125 (or 128 for exec) the rest. */
export type StartExitCode = 125 | 126 | 127;

/** The OCI runtime refused a process. The message is worded as Docker words it. */
export class RuntimeError extends SlipwayError {
  readonly exitCode: StartExitCode;

  constructor(message: string, exitCode: StartExitCode, options?: { cause?: unknown }) {
    super(exitCode === 125 ? "internal" : "invalid_argument", message, options);
    this.name = "RuntimeError";
    this.exitCode = exitCode;
  }
}

const prefixes = {
  create: "failed to create task for container: failed to create shim task: OCI runtime create failed",
  exec: "OCI runtime exec failed",
};

/**
 * What `runtime` (`runc` or `crun`) said about a process that begins with `command`, in Docker's words:
 * `OCI runtime create failed: … exec: "foo": executable file not found in $PATH: unknown`.
 */
export function runtimeError(
  doing: "create" | "exec",
  runtime: string,
  said: string,
  command: string,
): RuntimeError {
  const words = plainWords(said);
  const { reason, exitCode } = classify(words, command);
  const step = doing === "create" ? `${runtime} create failed` : "exec failed";
  return new RuntimeError(
    `${prefixes[doing]}: ${step}: unable to start container process: ${reason}: unknown`,
    exitCode,
    { cause: new Error(words) },
  );
}

function classify(words: string, command: string): { reason: string; exitCode: StartExitCode } {
  const lower = words.toLowerCase();
  const notFound =
    lower.includes("executable file") ||
    (lower.includes("exec: ") && lower.includes("no such file or directory"));
  if (notFound) {
    const absent = command.startsWith("/")
      ? `stat ${command}: no such file or directory`
      : "executable file not found in $PATH";
    return { reason: `exec: "${command}": ${absent}`, exitCode: 127 };
  }
  if (
    lower.includes("open executable") ||
    (lower.includes("exec: ") && lower.includes("permission denied"))
  ) {
    return { reason: `exec: "${command}": permission denied`, exitCode: 126 };
  }
  return { reason: words, exitCode: /permission denied|is a directory/.test(lower) ? 126 : 125 };
}

/** Takes the words out of runc's log line (`time="…" level=error msg="…"`), JSON log lines or plain text. */
export function plainWords(said: string): string {
  const lines = said.trim().split("\n");
  const words = lines.map(lineWords).filter((line) => line !== "");
  const last = words.at(-1) ?? "the runtime gave no reason";
  return last
    .replace(/^(?:runc (?:create|run)|exec) failed: /, "")
    .replace(/^unable to start container process: /, "");
}

function lineWords(line: string): string {
  const json = /^\{.*\}$/.test(line) ? parsed(line) : undefined;
  if (json !== undefined) return json;
  const quoted = /\bmsg=("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
  return (quoted === undefined ? undefined : parsed(quoted)) ?? line.trim();
}

function parsed(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "string") return value;
    const words = (value as { msg?: unknown }).msg;
    return typeof words === "string" ? words : undefined;
  } catch {
    return undefined;
  }
}
