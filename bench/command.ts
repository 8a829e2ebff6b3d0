import { spawnSync } from "node:child_process";

/** A program with its arguments, and what it finds around it. */
export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly input?: string;
}

/** Runs it to its end and returns what it printed. Throws with its last words when it fails. */
export function run(command: Command): string {
  const { argv, env, cwd, input } = command;
  const [file = "", ...args] = argv;
  const result = spawnSync(file, args, {
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    ...(input === undefined ? {} : { input }),
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    maxBuffer: 256 << 20,
    encoding: "utf8",
  });
  if (result.error !== undefined) throw new Error(`Cannot run "${file}": ${result.error.message}`);
  if (result.status === 0) return result.stdout;
  const words = (result.stderr + result.stdout).trim().split("\n").slice(-6).join("\n  ");
  throw new Error(`"${argv.join(" ")}" ended with ${result.status ?? result.signal}:\n  ${words}`);
}

/** Like {@link run}, for what may fail: undefined then. */
export function tryRun(command: Command): string | undefined {
  try {
    return run(command);
  } catch {
    return undefined;
  }
}

/** Milliseconds of wall-clock time from before the program is started until it has ended. */
export function timed(command: Command): number {
  const started = performance.now();
  run(command);
  return performance.now() - started;
}
