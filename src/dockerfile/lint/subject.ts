import type { AstNode } from "../ast.ts";
import type { Dockerfile } from "../dockerfile.ts";
import type { ArgInstruction, Instruction, Stage } from "../instruction.ts";
import type { LintOptions } from "./lint-options.ts";

/** An instruction of a stage the build comes to, at its turn. */
export interface TracedStep {
  readonly node: AstNode;
  readonly written: Instruction;
  /** Its variables filled in. */
  readonly expanded: Instruction;
  /** Variables it uses that nothing sets or declares; empty where that cannot be known. */
  readonly undefinedNames: readonly string[];
  /** What it could have used. */
  readonly knownNames: readonly string[];
  /** A SHELL instruction or the base chose a shell before. */
  readonly hasOwnShell: boolean;
  /** This Dockerfile set a working directory before. */
  readonly hasWorkdir: boolean;
}

/** A FROM, with the words in it. */
export interface TracedFrom {
  readonly stage: Stage;
  readonly node: AstNode;
  /** Variables in the name and in `--platform` that are not declared. */
  readonly undeclared: readonly string[];
  /** What they may have been meant to be. */
  readonly declared: readonly string[];
  /** `--platform` when no variable is in it. */
  readonly constantPlatform?: string;
  /** The name as it is without build arguments; undefined when it cannot be told. */
  readonly defaultBase?: string;
}

/** A Dockerfile as rules look at it. */
export interface LintSubject {
  readonly file: Dockerfile;
  readonly options: LintOptions;
  /** Every instruction with its place in the tree, in order. */
  readonly instructions: readonly {
    readonly node: AstNode;
    readonly written: Instruction | ArgInstruction;
  }[];
  /** Every FROM. */
  readonly froms: readonly TracedFrom[];
  /** The stages the build comes to, each with its steps, in order. Ends where the build would fail. */
  readonly stages: readonly {
    readonly stage: Stage;
    readonly node: AstNode;
    readonly steps: readonly TracedStep[];
  }[];
}
