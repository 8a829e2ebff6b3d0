import type { Heredoc } from "./heredoc.ts";
import type { SourceLocation } from "./source-location.ts";

/**
 * A node of the syntax tree. The root's `children` are the instructions. An instruction node has its keyword as
 * `value`; its arguments hang in a chain by `next`, each a node of its own. ONBUILD's `next` has an empty value and
 * the trigger as its one child.
 */
export interface AstNode {
  /** For an instruction: the keyword as it is spelled in the file. */
  readonly value: string;
  readonly next?: AstNode | undefined;
  readonly children: readonly AstNode[];
  /** The arguments are a JSON array. */
  readonly json: boolean;
  /** The instruction's text as written, continued lines joined. */
  readonly original: string;
  /** `--name=value`, quotes removed, in order. */
  readonly flags: readonly string[];
  /** As written: tabs that `<<-` drops are still there. */
  readonly heredocs: readonly Heredoc[];
  /** Comment lines directly above, without `#`. */
  readonly comments: readonly string[];
  /** Line of the last of them. Empty lines may follow it. */
  readonly commentLine?: number;
  readonly location: SourceLocation;
}

/** The values along the `next` chain; a trigger below ONBUILD counts with its keyword and its arguments. */
export function argumentsOf(node: AstNode): readonly string[] {
  const values: string[] = [];
  for (let argument = node.next; argument !== undefined; argument = argument.next) {
    const [trigger] = argument.children;
    if (trigger === undefined) values.push(argument.value);
    else values.push(trigger.value, ...argumentsOf(trigger));
  }
  return values;
}
