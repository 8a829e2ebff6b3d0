import { SlipwayError } from "../../errors.ts";
import type { AstNode } from "../ast.ts";
import type { Dockerfile } from "../dockerfile.ts";
import type { ArgInstruction, FromInstruction, Instruction } from "../instruction.ts";
import type { LintOptions } from "./lint-options.ts";

export type Written = Instruction | ArgInstruction | FromInstruction;

/** What the tracing functions share. */
export interface TraceParts {
  readonly file: Dockerfile;
  readonly options: LintOptions;
  readonly node: (written: Written) => AstNode;
}

/** What `work` gives; undefined where the build would fail. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof SlipwayError) return undefined;
    throw error;
  }
}
