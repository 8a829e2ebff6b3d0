import { argumentsOf } from "../../ast.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** `FROM alpine as base`. A FROM in mixed case is another rule's. */
export const fromAsCasing: LintRule = {
  name: "FromAsCasing",
  description: "The 'as' keyword should match the case of the 'from' keyword",
  url: rulePage("from-as-casing"),
  *check({ froms }: LintSubject): Iterable<Finding> {
    for (const { node } of froms) {
      const as = argumentsOf(node)[1];
      if (as !== undefined && !agree(node.value, as))
        yield { at: node, detail: `'${as}' and '${node.value}' keywords' casing do not match` };
    }
  },
};

function agree(from: string, as: string): boolean {
  if (from === from.toLowerCase()) return as === as.toLowerCase();
  return from !== from.toUpperCase() || as === as.toUpperCase();
}
