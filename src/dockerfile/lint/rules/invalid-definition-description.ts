import type { AstNode } from "../../ast.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** A comment above an ARG or a FROM that does not begin with the name. */
export const invalidDefinitionDescription: LintRule = {
  name: "InvalidDefinitionDescription",
  description:
    "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is " +
    "not intended to be a description comment, add an empty line or comment between the instruction and the comment.",
  url: rulePage("invalid-definition-description"),
  experimental: true,
  *check({ froms, instructions }: LintSubject): Iterable<Finding> {
    for (const { node, stage } of froms)
      if (stage.name !== undefined) yield* mismatch("FROM", node, [stage.name]);
    for (const { node, written } of instructions)
      if (written.kind === "arg")
        yield* mismatch(
          "ARG",
          node,
          written.args.map(({ key }) => key),
        );
  },
};

function* mismatch(keyword: string, node: AstNode, names: readonly string[]): Iterable<Finding> {
  // As the documentation has it: an empty line between says that the comment is about something else.
  if (node.commentLine !== node.location.startLine - 1) return;
  const comment = node.comments.findLast((each) => !each.startsWith("check="));
  const [first = ""] = comment?.split(" ") ?? [];
  if (comment === undefined || names.includes(first)) return;
  const shown = names.length === 1 ? names[0] : "<arg_key>";
  yield { at: node, detail: `Comment for ${keyword} should follow the format: \`# ${shown} <description>\`` };
}
