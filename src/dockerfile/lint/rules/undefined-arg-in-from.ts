import { nearestName } from "../../suggest.ts";
import { rulePage, type Finding, type LintRule } from "../rule.ts";
import type { LintSubject } from "../subject.ts";

/** `FROM alpine:$VERSION` without an `ARG VERSION` above. */
export const undefinedArgInFrom: LintRule = {
  name: "UndefinedArgInFrom",
  description: "FROM command must use declared ARGs",
  url: rulePage("undefined-arg-in-from"),
  *check({ froms }: LintSubject): Iterable<Finding> {
    for (const { node, undeclared, declared } of froms)
      for (const name of undeclared) {
        const near = nearestName(name, declared);
        const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
        yield { at: node, detail: `FROM argument '${name}' is not declared${hint}` };
      }
  },
};
