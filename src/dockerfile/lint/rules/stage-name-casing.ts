import { argumentsOf } from "../../ast.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** `FROM alpine AS BuilderBase`. */
export const stageNameCasing: LintRule = {
  name: "StageNameCasing",
  description: "Stage names should be lowercase",
  url: rulePage("stage-name-casing"),
  *check({ froms }: LintSubject): Iterable<Finding> {
    for (const { node } of froms) {
      const name = argumentsOf(node)[2];
      if (name !== undefined && name !== name.toLowerCase())
        yield { at: node, detail: `Stage name '${name}' should be lowercase` };
    }
  },
};
