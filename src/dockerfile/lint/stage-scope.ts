import type { Instruction } from "../instruction.ts";
import type { BaseImage } from "./lint-options.ts";

/** The PATH of a stage on scratch. */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What the instructions of a stage have set so far. */
export class StageScope {
  readonly env: Map<string, string>;
  /** False: the base may set variables nobody told of. */
  readonly isEnvKnown: boolean;
  hasOwnShell: boolean;
  hasWorkdir = false;
  readonly #declared: Set<string>;

  private constructor(
    env: Map<string, string>,
    isEnvKnown: boolean,
    hasOwnShell: boolean,
    declared: Set<string>,
  ) {
    this.env = env;
    this.isEnvKnown = isEnvKnown;
    this.hasOwnShell = hasOwnShell;
    this.#declared = declared;
  }

  static scratch(): StageScope {
    return new StageScope(new Map([["PATH", defaultPath]]), true, false, new Set());
  }

  static image(base: BaseImage | undefined): StageScope {
    const pairs = (base?.env ?? []).map((line): [string, string] => {
      const equals = line.indexOf("=");
      return equals === -1 ? [line, ""] : [line.slice(0, equals), line.slice(equals + 1)];
    });
    const hasShell = (base?.shell ?? []).length > 0;
    return new StageScope(new Map(pairs), base !== undefined, hasShell, new Set());
  }

  /** For a stage that begins with this one. */
  fork(): StageScope {
    const next = new StageScope(
      new Map(this.env),
      this.isEnvKnown,
      this.hasOwnShell,
      new Set(this.#declared),
    );
    next.hasWorkdir = this.hasWorkdir;
    return next;
  }

  /** An ARG, with its value when it has one. */
  declare(name: string, value: string | undefined): void {
    this.#declared.add(name);
    if (value !== undefined) this.env.set(name, value);
  }

  isDeclared(name: string): boolean {
    return this.#declared.has(name);
  }

  apply(instruction: Instruction): void {
    if (instruction.kind === "env")
      for (const { key, value } of instruction.variables) this.env.set(key, value);
    else if (instruction.kind === "shell") this.hasOwnShell = true;
    else if (instruction.kind === "workdir") this.hasWorkdir = true;
  }
}
