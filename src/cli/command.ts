import type { Engine } from "../engine/engine.ts";
import type { Trace } from "../internal/trace.ts";
import type { Flags, FlagValues } from "./flags/flag.ts";

/** What the outside world gives a command. Commands read nothing else of it. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Directory of Docker's `config.json`: `$DOCKER_CONFIG`, or `~/.docker`. */
  readonly configDirectory: string;
  /** Connects to the engine; starts one when none listens. The same one for every call. */
  engine(): Promise<Engine>;
  readonly signal: AbortSignal;
  /** Where the command spends its time, for who asked. */
  readonly trace: Trace;
  readonly global: GlobalOptions;
}

export interface GlobalOptions {
  /** `unix:///run/slipway/slipway.sock` */
  readonly host: string;
  /** The engine's root, when it has to be started. */
  readonly root: string;
}

export interface CommandInput<F extends Flags> {
  readonly flags: FlagValues<F>;
  readonly args: readonly string[];
  readonly given: ReadonlySet<string>;
}

/** How many arguments a command takes, in Docker's classes. */
export type Arity = { readonly min: number; readonly max: number };
export const arity = {
  none: { min: 0, max: 0 },
  exactly: (n: number): Arity => ({ min: n, max: n }),
  atLeast: (n: number): Arity => ({ min: n, max: Number.POSITIVE_INFINITY }),
  upTo: (n: number): Arity => ({ min: 0, max: n }),
} as const;

/** One verb. `run` resolves to the exit code; what it throws is shown on stderr with exit code 1 (or its own). */
export interface Command<F extends Flags = Flags> {
  /** Behind the program's name in `--help`: `run [OPTIONS] IMAGE [COMMAND] [ARG...]`. */
  readonly usage: string;
  readonly summary: string;
  readonly aliases?: readonly string[];
  readonly flags: F;
  readonly args: Arity;
  /** False: the first argument ends the flags. */
  readonly interspersed?: boolean;
  run(input: CommandInput<F>, context: CliContext): Promise<number>;
}

/** Lets TypeScript infer the flags' types. */
export function command<const F extends Flags>(definition: Command<F>): Command {
  return definition as unknown as Command;
}

/** Ends the program with `exitCode`, after `message` (when there is one) on stderr. */
export class ExitError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message = "", options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
