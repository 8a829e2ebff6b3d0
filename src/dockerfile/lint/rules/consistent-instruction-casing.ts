import type { AstNode } from "../../ast.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** Keywords are spelled as most of them are; in upper case where it is a tie. */
export const consistentInstructionCasing: LintRule = {
  name: "ConsistentInstructionCasing",
  description: "All commands within the Dockerfile should use the same casing (either upper or lower)",
  url: rulePage("consistent-instruction-casing"),
  *check(subject: LintSubject): Iterable<Finding> {
    const nodes = nodesInStages(subject);
    const lower = nodes.filter(({ value }) => value === value.toLowerCase()).length;
    const upper = nodes.filter(({ value }) => value === value.toUpperCase()).length;
    const majority = lower > upper ? "lowercase" : "uppercase";
    for (const node of nodes) {
      const wanted = lower > upper ? node.value.toLowerCase() : node.value.toUpperCase();
      if (node.value !== wanted)
        yield {
          at: node,
          detail: `Command '${node.value}' should match the case of the command majority (${majority})`,
        };
    }
  },
};

/** The ARGs before the first FROM have no say. */
function nodesInStages({ file, froms, instructions }: LintSubject): readonly AstNode[] {
  const inStages = instructions.slice(file.globalArgs.length);
  return [...froms, ...inStages].map(({ node }) => node);
}
