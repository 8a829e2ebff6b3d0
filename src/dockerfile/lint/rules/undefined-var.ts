import { nearestName } from "../../suggest.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** `COPY $foo .` where nothing sets `foo`. */
export const undefinedVar: LintRule = {
  name: "UndefinedVar",
  description: "Variables should be defined before their use",
  url: rulePage("undefined-var"),
  *check({ stages }: LintSubject): Iterable<Finding> {
    for (const { node, undefinedNames, knownNames } of stages.flatMap(({ steps }) => steps))
      for (const name of undefinedNames) {
        const near = nearestName(name, knownNames);
        const hint = near === undefined ? "" : ` (did you mean $${near}?)`;
        yield { at: node, detail: `Usage of undefined variable '$${name}'${hint}` };
      }
  },
};
