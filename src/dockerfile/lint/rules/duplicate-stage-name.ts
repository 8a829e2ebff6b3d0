import { goQuote } from "../../go-quote.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** Two stages of one name: only the last can be used. */
export const duplicateStageName: LintRule = {
  name: "DuplicateStageName",
  description: "Stage names should be unique",
  url: rulePage("duplicate-stage-name"),
  *check({ froms }: LintSubject): Iterable<Finding> {
    const seen = new Set<string>();
    for (const { node, stage } of froms) {
      if (stage.name === undefined) continue;
      if (seen.has(stage.name))
        yield {
          at: node,
          detail: `Duplicate stage name ${goQuote(stage.name)}, stage names should be unique`,
        };
      seen.add(stage.name);
    }
  },
};
