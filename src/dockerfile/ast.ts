import type { Heredoc } from "./instruction.ts";
import type { SourceLocation } from "./source-location.ts";

/**
 * A node of the syntax tree. The root's `children` are the instructions. An instruction node has its keyword as
 * `value`; its arguments hang in a chain by `next`, each a node of its own; ONBUILD's trigger hangs as a root of
 * one child below `next`.
 */
export interface AstNode {
  /** For an instruction: the keyword in lower case. */
  value: string;
  next?: AstNode;
  children: AstNode[];
  /** The arguments are a JSON array. */
  json: boolean;
  /** The instruction's text as written, continued lines joined. */
  original: string;
  /** `--name=value` as written, in order. */
  flags: string[];
  heredocs: Heredoc[];
  /** Comment lines directly above, without `#`. */
  comments: string[];
  location: SourceLocation;
}
