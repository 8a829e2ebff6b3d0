import type { AstNode } from "./ast.ts";
import type { ArgInstruction, Stage } from "./instruction.ts";

/** The parser directives at the top of the file, as written (Dockerfile reference, "Parser directives"). */
export interface Directives {
  readonly syntax?: string;
  /** `\` unless the file says otherwise. */
  readonly escape: string;
  readonly check?: string;
}

/** A parsed Dockerfile. At least one stage, unless the caller allowed none. */
export interface Dockerfile {
  readonly directives: Directives;
  /** ARGs before the first FROM, in order. */
  readonly globalArgs: readonly ArgInstruction[];
  readonly stages: readonly Stage[];
  /** The syntax tree, for dumps and lint rules. */
  readonly ast: AstNode;
  /** What the parser notes but accepts, such as an empty continuation line. */
  readonly warnings: readonly { readonly text: string; readonly line: number }[];
}
