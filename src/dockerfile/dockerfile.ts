import type { AstNode } from "./ast.ts";
import type { Directives } from "./directives.ts";
import type { ParseWarning } from "./parse-ast.ts";
import type { ArgInstruction, Stage } from "./instruction.ts";

/** A parsed Dockerfile. At least one stage, unless the caller allowed none. */
export interface Dockerfile {
  readonly directives: Directives;
  /** ARGs before the first FROM, in order. */
  readonly globalArgs: readonly ArgInstruction[];
  readonly stages: readonly Stage[];
  /** The syntax tree, for dumps and lint rules. */
  readonly ast: AstNode;
  /** What the parser notes but accepts, such as an empty continuation line. */
  readonly warnings: readonly ParseWarning[];
}
